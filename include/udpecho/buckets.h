/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The buckets of a histogram that is linear within each power of two. Each of the first 2^BITS
 * values has its own bucket, and each power of two above them has 2^BITS buckets. So a quantile is
 * too high by at most one part in 2^BITS. The last of the COUNT buckets also counts all values
 * beyond it.
 *
 * The daemon and the client both include this header, which depends on neither.
 */
#ifndef UDPECHO_BUCKETS_H
#define UDPECHO_BUCKETS_H

#include <math.h>
#include <stdint.h>

/** The number of the bucket that counts VALUE. */
static inline unsigned int bucket_of(uint64_t value, unsigned int bits, unsigned int count)
{
	unsigned int shift, bucket;

	if (value < UINT64_C(1) << bits)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - bits;
	bucket = (shift << bits) + (unsigned int)(value >> shift);
	return bucket < count ? bucket : count - 1;
}

/** The greatest value of BUCKET. For the last of 64 bits, the subtraction wraps around to it. */
static inline uint64_t bucket_last(unsigned int bucket, unsigned int bits)
{
	const unsigned int shift = bucket < 2U << bits ? 0 : (bucket >> bits) - 1;

	return ((bucket - ((uint64_t)shift << bits) + 1) << shift) - 1;
}

/** How many values the first COUNT buckets hold. */
static inline uint64_t buckets_sum(const uint64_t *buckets, unsigned int count)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < count; i++)
		sum += buckets[i];
	return sum;
}

/**
 * The value that SHARE of all values, 0 to 1, did not exceed: the greatest value of that bucket,
 * but not more than MOST, the greatest value that was counted. 0 if none was counted.
 */
static inline uint64_t buckets_quantile(
	const uint64_t *buckets, unsigned int count, unsigned int bits, double share, uint64_t most)
{
	const double rank = ceil(share * (double)buckets_sum(buckets, count));
	uint64_t below = 0;

	for (unsigned int i = 0; i < count - 1; i++) {
		below += buckets[i];
		if (below > 0 && (double)below >= rank)
			return bucket_last(i, bits) < most ? bucket_last(i, bits) : most;
	}
	return below + buckets[count - 1] > 0 ? most : 0;
}

#endif
