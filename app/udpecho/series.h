/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Latency over time, for the plot. All intervals have the same length; whenever the run grows past
 * the last interval, that length doubles, so a run of any duration fits.
 */
#ifndef UDPECHO_CLIENT_SERIES_H
#define UDPECHO_CLIENT_SERIES_H

#include <stdint.h>

#define SERIES_INTERVALS 256
#define SERIES_BITS      3 /* eight buckets to a power of two: buckets.h */
#define SERIES_BUCKETS   ((40 - SERIES_BITS) << SERIES_BITS) /* up to 2^39 ns: nine minutes */

struct series_interval {
	uint32_t sent, received, lost;
	uint64_t most; /* the greatest latency, nanoseconds */
	uint64_t buckets[SERIES_BUCKETS];
};

/* Only one thread writes it. It begins as all zero. */
struct series {
	uint64_t length;    /* of an interval, nanoseconds; 0: SERIES_LENGTH */
	unsigned int count; /* intervals, up to the last one that is not empty */
	struct series_interval intervals[SERIES_INTERVALS];
};

#define SERIES_LENGTH UINT64_C(10000000) /* the length at first */

/* WHEN is when the datagram was due, in nanoseconds since the run began. */

void series_sent(struct series *series, uint64_t when);

/** The reply came after LATENCY nanoseconds. */
void series_received(struct series *series, uint64_t when, uint64_t latency);

/** No reply came in time. */
void series_lost(struct series *series, uint64_t when);

/** Adds FROM to TO. If their intervals differ in length, the shorter ones are joined first. */
void series_merge(struct series *to, struct series *from);

/** The latency that SHARE of the replies, 0 to 1, did not exceed; 0: there was none. */
uint64_t series_quantile(const struct series_interval *interval, double share);

#endif
