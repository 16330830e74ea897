/* SPDX-License-Identifier: BSD-3-Clause */
/* What the x86 variants share; compiled into each with its own instruction set. */
#ifndef PACKET_PLAIN_X86_H
#define PACKET_PLAIN_X86_H

#include <immintrin.h>
#include <string.h>

#include "plain_frame.h"

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

/* Of the first 16 bytes: both MACs change places. */
static inline __m128i swap_macs(void)
{
	return _mm_setr_epi8(6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
}

/* Of the 16 bytes from PLAIN_ADDRESSES on: both addresses and both ports do. */
static inline __m128i swap_ends(void)
{
	return _mm_setr_epi8(4, 5, 6, 7, 0, 1, 2, 3, 10, 11, 8, 9, 12, 13, 14, 15);
}

static inline void write_ttl(uint8_t *data, uint32_t ttl)
{
	memcpy(data + PLAIN_TTL, &ttl, sizeof(ttl));
}

/* One frame at a time, of a group of which not all are plain. */
static inline void write_replies(const struct plain_frames *frames, uint32_t set)
{
	const __m128i macs = swap_macs(), ends = swap_ends();

	for (; set != 0; set &= set - 1) {
		const size_t i = (size_t)__builtin_ctzll(set);
		uint8_t *const data = frames->data[i];
		const uint32_t ttl = frames->reply_ttl[i];
		const __m128i head = _mm_loadu_si128((const __m128i *)data);
		const __m128i tail = _mm_loadu_si128((const __m128i *)(data + PLAIN_ADDRESSES));

		_mm_storeu_si128((__m128i *)data, _mm_shuffle_epi8(head, macs));
		_mm_storeu_si128((__m128i *)(data + PLAIN_ADDRESSES), _mm_shuffle_epi8(tail, ends));
		write_ttl(data, ttl);
	}
}

#endif
