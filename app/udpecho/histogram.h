/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A histogram of latencies, of fixed size, which is linear within each power of two. Its quantiles
 * are at most 0.8 % too high.
 */
#ifndef UDPECHO_CLIENT_HISTOGRAM_H
#define UDPECHO_CLIENT_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS    7 /* 128 buckets to a power of two: buckets.h */
#define HISTOGRAM_BUCKETS ((43 - HISTOGRAM_BITS) << HISTOGRAM_BITS) /* up to 2^42 ns: an hour */

/* Only one thread writes it. It begins as all zero. */
struct histogram {
	uint64_t count;
	uint64_t least, most;
	double sum, sum_of_squares;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/** Adds VALUE, nanoseconds. */
void histogram_add(struct histogram *histogram, uint64_t value);

/** Adds all of FROM to TO. */
void histogram_merge(struct histogram *to, const struct histogram *from);

/** The value that SHARE of all values, 0 to 1, did not exceed; 0: there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

/** The mean of all values, and their standard deviation; 0: there is none. */
double histogram_mean(const struct histogram *histogram);
double histogram_deviation(const struct histogram *histogram);

/** The greatest value of BUCKET. */
uint64_t histogram_last(unsigned int bucket);

#endif
