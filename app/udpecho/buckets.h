/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The buckets of a histogram that is linear within each power of two. The first 2^BITS values have
 * a bucket each; then there are 2^BITS buckets for each power of two.
 */
#ifndef UDPECHO_CLIENT_BUCKETS_H
#define UDPECHO_CLIENT_BUCKETS_H

#include <stdint.h>

/** The bucket of VALUE, of COUNT buckets: what is greater than all of them is in the last. */
static inline unsigned int bucket_of(uint64_t value, unsigned int bits, unsigned int count)
{
	unsigned int shift, bucket;

	if (value < UINT64_C(1) << bits)
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - bits;
	bucket = (shift << bits) + (unsigned int)(value >> shift);
	return bucket < count ? bucket : count - 1;
}

/** The greatest value of BUCKET. */
static inline uint64_t bucket_last(unsigned int bucket, unsigned int bits)
{
	const unsigned int shift = bucket < 2U << bits ? 0 : (bucket >> bits) - 1;

	return ((bucket - ((uint64_t)shift << bits) + 1) << shift) - 1;
}

#endif
