/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Latencies, of which every quantile can be asked: a histogram of fixed size, linear within each
 * power of two. What is read from it is at most 0.8 % too high, over the whole range.
 */
#ifndef UDPECHO_CLIENT_HISTOGRAM_H
#define UDPECHO_CLIENT_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BITS    7                                         /* of precision */
#define HISTOGRAM_BUCKETS ((43 - HISTOGRAM_BITS) << HISTOGRAM_BITS) /* up to 2^42 ns: an hour */

/* One thread writes it. All zero: nothing yet. */
struct histogram {
	uint64_t count;
	uint64_t least, most;
	double sum, sum_of_squares;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

/** Adds a value, in nanoseconds. */
void histogram_add(struct histogram *histogram, uint64_t value);

/** Adds all of FROM to TO. */
void histogram_merge(struct histogram *to, const struct histogram *from);

/** The value that a share of them, 0 to 1, did not exceed; 0 where there is none. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

/** Their mean, and their standard deviation; 0 where there is none. */
double histogram_mean(const struct histogram *histogram);
double histogram_deviation(const struct histogram *histogram);

/** The greatest value of a bucket, so that its count can be drawn. */
uint64_t histogram_last(unsigned int bucket);

#endif
