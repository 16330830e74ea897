/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long frames stay, in nanoseconds: from when their burst was received to when its replies were
 * transmitted. Only one burst in many is measured, because to read the clock costs more than to
 * answer a frame.
 *
 * The histogram has a fixed size, with four buckets for each power of two, so that a value read
 * from it is too high by at most a quarter. It counts nanoseconds, not ticks, so that all machines
 * have the same buckets, and their counts can be added. Only the worker writes it; any other thread
 * may read it at any time.
 */
#ifndef UDPECHO_RESIDENCE_H
#define UDPECHO_RESIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#define RESIDENCE_SAMPLE  64 /* one in so many bursts is measured */
#define RESIDENCE_BITS    2  /* four buckets for each power of two, see buckets.h */
#define RESIDENCE_BUCKETS 256

struct residence {
	double tick_ns;  /* how many nanoseconds a tick of the TSC takes */
	uint64_t bursts; /* all of them; one in RESIDENCE_SAMPLE is measured */
	uint64_t sum;    /* nanoseconds of all measured bursts */
	uint64_t most;   /* nanoseconds of the slowest of them */
	uint64_t buckets[RESIDENCE_BUCKETS];
};

/** Whether the burst that has just come is to be measured. Only the worker may call it. */
static inline bool residence_is_due(struct residence *residence)
{
	return (++residence->bursts & (RESIDENCE_SAMPLE - 1)) == 0;
}

/** Adds a burst that stayed for NS nanoseconds. Only the worker may call it. */
void residence_add(struct residence *residence, uint64_t ns);

/** Adds a burst that stayed for TICKS of the TSC. Only the worker may call it. */
static inline void residence_add_ticks(struct residence *residence, uint64_t ticks)
{
	residence_add(residence, (uint64_t)((double)ticks * residence->tick_ns));
}

/** Adds FROM, which its worker may be writing, to TO, which nobody else uses. */
void residence_collect(struct residence *to, const struct residence *from);

/** How many bursts were measured. */
uint64_t residence_count(const struct residence *residence);

/**
 * The nanoseconds that SHARE of the bursts, 0 to 1, did not exceed: the upper end of a bucket, but
 * not more than the slowest burst took. 0 if none was measured. RESIDENCE must be a copy that
 * nobody else uses.
 */
uint64_t residence_quantile(const struct residence *residence, double share);

/** The most nanoseconds that BUCKET, one of RESIDENCE_BUCKETS, counts. */
uint64_t residence_last(unsigned int bucket);

/**
 * How many bursts stayed for less than LIMIT nanoseconds, which must be a power of two. RESIDENCE
 * must be a copy that nobody else uses.
 */
uint64_t residence_below(const struct residence *residence, uint64_t limit);

#endif
