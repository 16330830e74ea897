/* SPDX-License-Identifier: BSD-3-Clause */
/* What the variants for x86 instruction sets have in common. */
#ifndef PACKET_PLAIN_X86_H
#define PACKET_PLAIN_X86_H

#include <immintrin.h>
#include <string.h>

#include "frame.h"

static inline __m128i load_16(const uint8_t *data)
{
	return _mm_loadu_si128((const __m128i *)data);
}

static inline void store_16(uint8_t *data, __m128i v)
{
	_mm_storeu_si128((__m128i *)data, v);
}

/* The first 16 bytes of a plain frame for us, where they are the same in all such frames. */
static inline __m128i expected_head(const struct identity *identity)
{
	uint8_t head[16] = {[12] = ETH_TYPE_IPV4 >> 8, [14] = IPV4_VERSION << 4 | IPV4_IHL_MIN};

	memcpy(head, &identity->mac, sizeof(identity->mac));
	return load_16(head);
}

/* The bits of them that are compared: of the source MAC the group bit, and of the TOS none. */
static inline __m128i expected_head_mask(void)
{
	return _mm_setr_epi8(-1, -1, -1, -1, -1, -1, 1, 0, 0, 0, 0, 0, -1, -1, -1, 0);
}

/* The order of the first 16 bytes of a reply: both MACs change places. */
static inline __m128i turned_macs(void)
{
	return _mm_setr_epi8(6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
}

/* The order of the 16 bytes from PLAIN_ADDRESSES on: addresses and ports change places. */
static inline __m128i turned_ends(void)
{
	return _mm_setr_epi8(4, 5, 6, 7, 0, 1, 2, 3, 10, 11, 8, 9, 12, 13, 14, 15);
}

static inline void turn_frame(uint8_t *data)
{
	const __m128i head = load_16(data), ends = load_16(data + PLAIN_ADDRESSES);

	store_16(data, _mm_shuffle_epi8(head, turned_macs()));
	store_16(data + PLAIN_ADDRESSES, _mm_shuffle_epi8(ends, turned_ends()));
}

#endif
