/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include <udpecho/datapath/counters.h>
#include <udpecho/datapath/residence.h>

/* 0 to 3 for themselves; from 4 on, the power of two and the two bits behind its one. */
static unsigned int bucket_of(uint64_t ns)
{
	unsigned int power;

	if (ns < 4)
		return (unsigned int)ns;
	power = 63 - (unsigned int)__builtin_clzll(ns);
	return 4 * (power - 1) + (unsigned int)(ns >> (power - 2) & 3);
}

uint64_t residence_last(unsigned int bucket)
{
	const unsigned int power = bucket / 4 + 1;

	if (bucket < 4)
		return bucket;
	if (power == 63 && bucket % 4 == 3) /* the next would begin with 2^64 */
		return UINT64_MAX;
	return ((UINT64_C(4) + bucket % 4 + 1) << (power - 2)) - 1;
}

void residence_add(struct residence *residence, uint64_t ns)
{
	counter_add(&residence->sum, ns);
	counter_add(&residence->buckets[bucket_of(ns)], 1);
	if (ns > residence->most)
		__atomic_store_n(&residence->most, ns, __ATOMIC_RELAXED);
}

void residence_collect(struct residence *to, const struct residence *from)
{
	const uint64_t most = __atomic_load_n(&from->most, __ATOMIC_RELAXED);

	to->bursts += __atomic_load_n(&from->bursts, __ATOMIC_RELAXED);
	to->sum += __atomic_load_n(&from->sum, __ATOMIC_RELAXED);
	if (most > to->most)
		to->most = most;
	for (unsigned int i = 0; i < RESIDENCE_BUCKETS; i++)
		to->buckets[i] += __atomic_load_n(&from->buckets[i], __ATOMIC_RELAXED);
}

uint64_t residence_count(const struct residence *residence)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < RESIDENCE_BUCKETS; i++)
		count += residence->buckets[i];
	return count;
}

uint64_t residence_quantile(const struct residence *residence, double share)
{
	const uint64_t count = residence_count(residence);
	const uint64_t wanted = (uint64_t)ceil(share * (double)count);
	uint64_t seen = 0;

	for (unsigned int i = 0; i < RESIDENCE_BUCKETS && count > 0; i++) {
		seen += residence->buckets[i];
		if (seen >= wanted && seen > 0)
			return residence_last(i) < residence->most ? residence_last(i)
								   : residence->most;
	}
	return residence->most;
}

uint64_t residence_below(const struct residence *residence, uint64_t limit)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < bucket_of(limit); i++)
		count += residence->buckets[i];
	return count;
}
