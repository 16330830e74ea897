/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/buckets.h>
#include <udpecho/datapath/counters.h>
#include <udpecho/datapath/residence.h>

uint64_t residence_last(unsigned int bucket)
{
	return bucket_last(bucket, RESIDENCE_BITS);
}

void residence_add(struct residence *residence, uint64_t ns)
{
	counter_add(&residence->sum, ns);
	counter_add(&residence->buckets[bucket_of(ns, RESIDENCE_BITS, RESIDENCE_BUCKETS)], 1);
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
	return buckets_sum(residence->buckets, RESIDENCE_BUCKETS);
}

uint64_t residence_quantile(const struct residence *residence, double share)
{
	return buckets_quantile(
		residence->buckets, RESIDENCE_BUCKETS, RESIDENCE_BITS, share, residence->most);
}

uint64_t residence_below(const struct residence *residence, uint64_t limit)
{
	return buckets_sum(residence->buckets, bucket_of(limit, RESIDENCE_BITS, RESIDENCE_BUCKETS));
}
