/* SPDX-License-Identifier: BSD-3-Clause */
#include "series.h"

#include <stddef.h>

#include <udpecho/buckets.h>

static void interval_add(struct series_interval *to, const struct series_interval *from)
{
	to->sent += from->sent;
	to->received += from->received;
	to->lost += from->lost;
	to->most = from->most > to->most ? from->most : to->most;
	for (unsigned int i = 0; i < SERIES_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

/* Joins each pair of neighbours. */
static void halve(struct series *series)
{
	for (unsigned int i = 0; i < SERIES_INTERVALS; i++) {
		struct series_interval pair = {0};

		if (2 * i < SERIES_INTERVALS) {
			pair = series->intervals[(size_t)2 * i];
			interval_add(&pair, &series->intervals[(size_t)2 * i + 1]);
		}
		series->intervals[i] = pair;
	}
	series->length *= 2;
	series->count = (series->count + 1) / 2;
}

static struct series_interval *interval_at(struct series *series, uint64_t when)
{
	unsigned int index;

	if (series->length == 0)
		series->length = SERIES_LENGTH;
	while (when / series->length >= SERIES_INTERVALS)
		halve(series);
	index = (unsigned int)(when / series->length);
	if (index >= series->count)
		series->count = index + 1;
	return &series->intervals[index];
}

void series_sent(struct series *series, uint64_t when)
{
	interval_at(series, when)->sent++;
}

void series_received(struct series *series, uint64_t when, uint64_t latency)
{
	struct series_interval *interval = interval_at(series, when);

	interval->received++;
	interval->buckets[bucket_of(latency, SERIES_BITS, SERIES_BUCKETS)]++;
	if (latency > interval->most)
		interval->most = latency;
}

void series_lost(struct series *series, uint64_t when)
{
	interval_at(series, when)->lost++;
}

void series_merge(struct series *to, struct series *from)
{
	if (from->length == 0)
		return;
	if (to->length == 0)
		to->length = SERIES_LENGTH;
	while (to->length < from->length)
		halve(to);
	while (from->length < to->length)
		halve(from);
	for (unsigned int i = 0; i < from->count; i++)
		interval_add(&to->intervals[i], &from->intervals[i]);
	to->count = from->count > to->count ? from->count : to->count;
}

uint64_t series_quantile(const struct series_interval *interval, double share)
{
	return buckets_quantile(
		interval->buckets, SERIES_BUCKETS, SERIES_BITS, share, interval->most);
}
