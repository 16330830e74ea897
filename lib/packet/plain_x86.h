/* SPDX-License-Identifier: BSD-3-Clause */
/* What the x86 variants share; compiled into each with its own instruction set. */
#ifndef PACKET_PLAIN_X86_H
#define PACKET_PLAIN_X86_H

#include <immintrin.h>
#include <string.h>

#include "plain.h"

/* Stands in for a frame that is too short to be read: nothing in it is right. */
static const uint8_t no_frame[PLAIN_LENGTH_MIN];

/* The frames of SET, from FIRST on; in SPARE, with no_frame for each of COUNT that is not in it. */
static inline uint8_t *const *frames_of(const struct plain_frames *frames, uint32_t set,
	unsigned int first, unsigned int count, uint8_t *spare[])
{
	for (unsigned int i = 0; i < count; i++)
		spare[i] = set >> i & 1 ? frames->data[first + i] : (uint8_t *)no_frame;
	return spare;
}

/* Fills up the last group, with frames that are not there. */
static inline void fill_group(struct plain_frames *frames, unsigned int group)
{
	for (unsigned int i = frames->count; i % group != 0; i++)
		frames->length[i] = 0;
}

/* The first 16 bytes of a plain frame, as far as they are the same in all that are for us. */
static inline __m128i expected_head(const struct identity *identity)
{
	uint8_t head[16] = {[12] = ETH_TYPE_IPV4 >> 8, [14] = IPV4_VERSION << 4 | IPV4_IHL_MIN};

	memcpy(head, &identity->mac, sizeof(identity->mac));
	return _mm_loadu_si128((const __m128i *)head);
}

/* What of them counts: all but the source's MAC, of which the group bit does, and the TOS. */
static inline __m128i expected_head_mask(void)
{
	return _mm_setr_epi8(-1, -1, -1, -1, -1, -1, 1, 0, 0, 0, 0, 0, -1, -1, -1, 0);
}

/* Both MACs, both addresses and both ports change places; TTL and IP checksum are new. */
static inline void write_replies(const struct plain_frames *frames, uint32_t set)
{
	const __m128i macs = _mm_setr_epi8(6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
	const __m128i ends = _mm_setr_epi8(4, 5, 6, 7, 0, 1, 2, 3, 10, 11, 8, 9, 12, 13, 14, 15);

	for (; set != 0; set &= set - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(set);
		__m128i *const head = (__m128i *)frames->data[i];
		__m128i *const tail = (__m128i *)(frames->data[i] + PLAIN_ADDRESSES);

		_mm_storeu_si128(head, _mm_shuffle_epi8(_mm_loadu_si128(head), macs));
		_mm_storeu_si128(tail, _mm_shuffle_epi8(_mm_loadu_si128(tail), ends));
		memcpy(frames->data[i] + PLAIN_TTL, &frames->reply_ttl[i],
			sizeof(frames->reply_ttl[i]));
	}
}

#endif
