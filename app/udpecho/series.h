/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Latency over time, to be drawn: intervals of one length, which doubles whenever the run grows
 * past the last of them, so that a run of any length fits.
 */
#ifndef UDPECHO_CLIENT_SERIES_H
#define UDPECHO_CLIENT_SERIES_H

#include <stdint.h>

#define SERIES_INTERVALS 256
#define SERIES_BITS      3 /* of a latency: 8 buckets to a power of two */
#define SERIES_BUCKETS   ((40 - SERIES_BITS) << SERIES_BITS) /* up to 2^39 ns: nine minutes */

struct series_interval {
	uint32_t sent, received, lost;
	uint64_t most; /* nanoseconds */
	uint64_t buckets[SERIES_BUCKETS];
};

/* One thread writes it. All zero: nothing yet. */
struct series {
	uint64_t length;    /* of an interval, nanoseconds; 0: SERIES_LENGTH */
	unsigned int count; /* of those that something was in */
	struct series_interval intervals[SERIES_INTERVALS];
};

#define SERIES_LENGTH UINT64_C(10000000) /* at first */

/* WHEN is when the datagram was due, in nanoseconds since the run began. */

void series_sent(struct series *series, uint64_t when);

/** Its reply came after LATENCY nanoseconds. */
void series_received(struct series *series, uint64_t when, uint64_t latency);

/** No reply came in time. */
void series_lost(struct series *series, uint64_t when);

/** Adds all of FROM to TO. FROM may be of another length, and is then brought to the same. */
void series_merge(struct series *to, struct series *from);

/** The latency that a share of the replies, 0 to 1, did not exceed; 0 where there was none. */
uint64_t series_quantile(const struct series_interval *interval, double share);

#endif
