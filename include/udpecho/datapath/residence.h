/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long frames stay: from the burst that they were received in to that in which the replies
 * went, in nanoseconds. Of one burst in many, as to read the clock costs more than a frame.
 *
 * The histogram is of fixed size: four buckets to each power of two, so that a figure read from it
 * is at most a quarter too high. Of nanoseconds, not of ticks, so that the buckets of all machines
 * are the same, and may be added up. One thread writes it; any other may read it at any time.
 */
#ifndef UDPECHO_RESIDENCE_H
#define UDPECHO_RESIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#define RESIDENCE_SAMPLE  64 /* bursts, of which one is measured */
#define RESIDENCE_BITS    2  /* four buckets to a power of two: buckets.h */
#define RESIDENCE_BUCKETS 256

struct residence {
	double tick_ns;  /* how long a tick of the TSC is */
	uint64_t bursts; /* of which one in RESIDENCE_SAMPLE is in the rest */
	uint64_t sum;
	uint64_t most;
	uint64_t buckets[RESIDENCE_BUCKETS];
};

/** Whether the burst that has come is one to measure. By the one thread that writes. */
static inline bool residence_is_due(struct residence *residence)
{
	return (++residence->bursts & (RESIDENCE_SAMPLE - 1)) == 0;
}

/** Adds a burst that stayed for NS. By the one thread that writes. */
void residence_add(struct residence *residence, uint64_t ns);

/** Adds a burst that stayed for TICKS of the TSC. By the one thread that writes. */
static inline void residence_add_ticks(struct residence *residence, uint64_t ticks)
{
	residence_add(residence, (uint64_t)((double)ticks * residence->tick_ns));
}

/** Adds FROM, which may be in use, to the private TO. */
void residence_collect(struct residence *to, const struct residence *from);

/** The number of bursts measured. */
uint64_t residence_count(const struct residence *residence);

/**
 * The nanoseconds that SHARE of the bursts, 0 to 1, did not exceed: the upper end of a bucket, or
 * the greatest there was; 0 where there was none. For a private copy.
 */
uint64_t residence_quantile(const struct residence *residence, double share);

/** The most nanoseconds that are still in BUCKET, one of RESIDENCE_BUCKETS. */
uint64_t residence_last(unsigned int bucket);

/** How many bursts stayed for less than LIMIT nanoseconds, a power of two. For a private copy. */
uint64_t residence_below(const struct residence *residence, uint64_t limit);

#endif
