/* SPDX-License-Identifier: BSD-3-Clause */
#include "histogram.h"

#include <math.h>

#include <udpecho/buckets.h>

uint64_t histogram_last(unsigned int bucket)
{
	return bucket_last(bucket, HISTOGRAM_BITS);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	if (histogram->count == 0 || value < histogram->least)
		histogram->least = value;
	if (value > histogram->most)
		histogram->most = value;
	histogram->count++;
	histogram->sum += (double)value;
	histogram->sum_of_squares += (double)value * (double)value;
	histogram->buckets[bucket_of(value, HISTOGRAM_BITS, HISTOGRAM_BUCKETS)]++;
}

void histogram_merge(struct histogram *to, const struct histogram *from)
{
	if (from->count == 0)
		return;
	if (to->count == 0 || from->least < to->least)
		to->least = from->least;
	if (from->most > to->most)
		to->most = from->most;
	to->count += from->count;
	to->sum += from->sum;
	to->sum_of_squares += from->sum_of_squares;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
	return buckets_quantile(
		histogram->buckets, HISTOGRAM_BUCKETS, HISTOGRAM_BITS, share, histogram->most);
}

double histogram_mean(const struct histogram *histogram)
{
	return histogram->count == 0 ? 0 : histogram->sum / (double)histogram->count;
}

double histogram_deviation(const struct histogram *histogram)
{
	const double mean = histogram_mean(histogram);
	double variance;

	if (histogram->count == 0)
		return 0;
	variance = histogram->sum_of_squares / (double)histogram->count - mean * mean;
	return variance > 0 ? sqrt(variance) : 0;
}
