/* SPDX-License-Identifier: BSD-3-Clause */
/* What the variants for x86 instruction sets have in common. */
#ifndef PACKET_PLAIN_X86_H
#define PACKET_PLAIN_X86_H

#include <immintrin.h>
#include <stdint.h>

#define SUM_BIAS 0x10000 /* of sum_words(), as the multiplication is signed */

typedef __m128i bytes_16;

static inline bytes_16 load_16(const uint8_t *data)
{
	return _mm_loadu_si128((const __m128i *)data);
}

static inline void store_16(uint8_t *data, bytes_16 v)
{
	_mm_storeu_si128((__m128i *)data, v);
}

static inline bytes_16 shuffle_16(bytes_16 v, bytes_16 order)
{
	return _mm_shuffle_epi8(v, order);
}

#include "sixteen.h"

#endif
