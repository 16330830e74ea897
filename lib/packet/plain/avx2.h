/* SPDX-License-Identifier: BSD-3-Clause */
/* The primitives of lanes.h for AVX2. A lane of a mask is all ones or all zeros. */
#ifndef PACKET_PLAIN_AVX2_H
#define PACKET_PLAIN_AVX2_H

#include "x86.h"

#define GROUP 8
#define CHUNK 2

typedef __m256i vec;
typedef __m256i mask;

static inline vec vec_set(uint32_t value)
{
	return _mm256_set1_epi32((int)value);
}

static inline vec vec_load(const uint32_t from[GROUP])
{
	return _mm256_loadu_si256((const __m256i *)from);
}

static inline void vec_store(uint32_t to[GROUP], vec v)
{
	_mm256_storeu_si256((__m256i *)to, v);
}

static inline vec vec_add(vec a, vec b)
{
	return _mm256_add_epi32(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
	return _mm256_sub_epi32(a, b);
}

static inline vec vec_and(vec a, vec b)
{
	return _mm256_and_si256(a, b);
}

static inline vec vec_or(vec a, vec b)
{
	return _mm256_or_si256(a, b);
}

static inline vec vec_xor(vec a, vec b)
{
	return _mm256_xor_si256(a, b);
}

static inline vec vec_left(vec v, int bits)
{
	return _mm256_slli_epi32(v, bits);
}

static inline vec vec_right(vec v, int bits)
{
	return _mm256_srli_epi32(v, bits);
}

static inline vec vec_choose(mask m, vec yes, vec no)
{
	return _mm256_blendv_epi8(no, yes, m);
}

static inline vec vec_number16(vec v, int byte)
{
	const int control = (int)0x80800001 + byte * 0x0101;

	return _mm256_shuffle_epi8(
		v, _mm256_add_epi8(_mm256_set1_epi32(control),
			   _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 0, 0, 8, 8, 0, 0, 12, 12, 0, 0, 0, 0,
				   0, 0, 4, 4, 0, 0, 8, 8, 0, 0, 12, 12, 0, 0)));
}

static inline mask mask_all(void)
{
	return vec_set(UINT32_MAX);
}

static inline mask mask_none(void)
{
	return _mm256_setzero_si256();
}

static inline uint32_t mask_bits(mask m)
{
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(m));
}

static inline mask mask_or(mask a, mask b)
{
	return vec_or(a, b);
}

static inline mask mask_and(mask a, mask b)
{
	return vec_and(a, b);
}

static inline mask mask_without(mask m, mask other)
{
	return _mm256_andnot_si256(other, m);
}

static inline mask mask_equal(mask m, vec a, vec b)
{
	return mask_and(m, _mm256_cmpeq_epi32(a, b));
}

static inline mask mask_above(mask m, vec a, vec b)
{
	return mask_and(m, _mm256_cmpgt_epi32(a, b));
}

static inline mask mask_not_above(mask m, vec a, vec b)
{
	return mask_without(m, _mm256_cmpgt_epi32(a, b));
}

static inline mask mask_clear(mask m, vec a, vec b)
{
	return mask_equal(m, vec_and(a, b), _mm256_setzero_si256());
}

static inline mask mask_in_set(mask m, const struct port_set *set, vec ports)
{
	const vec words = _mm256_i32gather_epi32((const int *)set->bits, vec_right(ports, 5), 4);
	const vec bits = _mm256_sllv_epi32(vec_set(1), vec_and(ports, vec_set(31)));

	return mask_equal(m, vec_and(words, bits), bits);
}

static inline mask mask_serves(mask m, const struct identity *identity, vec ports)
{
	const vec services = _mm256_i32gather_epi32((const int *)identity->service, ports, 1);

	return mask_equal(m, vec_and(services, vec_set(0xff)), vec_set(SERVICE_ECHO));
}

/* A vector with 16 bytes from A in its low half, and 16 from B in its high half. */
static inline __m256i two_of(const uint8_t *a, const uint8_t *b)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(load_16(a)), load_16(b), 1);
}

/* Loads from frames i and i + 4, so that the transposed columns have the frames in order. */
static inline __m256i load_two(uint8_t *const data[GROUP], unsigned int i, unsigned int offset)
{
	return two_of(data[i] + offset, data[i + 4] + offset);
}

static inline void group_columns(uint8_t *const data[GROUP], unsigned int offset, vec column[4])
{
	const __m256i a = load_two(data, 0, offset), b = load_two(data, 1, offset);
	const __m256i c = load_two(data, 2, offset), d = load_two(data, 3, offset);
	const __m256i ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
	const __m256i cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);

	column[0] = _mm256_unpacklo_epi64(ab_low, cd_low);
	column[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
	column[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
	column[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

static inline mask group_heads(const struct identity *identity, uint8_t *const data[GROUP])
{
	const __m256i expected = _mm256_broadcastsi128_si256(expected_head(identity));
	const __m256i counts = _mm256_broadcastsi128_si256(expected_head_mask());
	__m256i wrong[4], ab, cd;

	for (unsigned int i = 0; i < 4; i++)
		wrong[i] = _mm256_and_si256(
			_mm256_xor_si256(load_two(data, i, PLAIN_ETH), expected), counts);
	/* This transposes as group_columns() does, but need not keep the columns apart. */
	ab = _mm256_or_si256(_mm256_unpacklo_epi32(wrong[0], wrong[1]),
		_mm256_unpackhi_epi32(wrong[0], wrong[1]));
	cd = _mm256_or_si256(_mm256_unpacklo_epi32(wrong[2], wrong[3]),
		_mm256_unpackhi_epi32(wrong[2], wrong[3]));
	return _mm256_cmpeq_epi32(
		_mm256_or_si256(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd)),
		_mm256_setzero_si256());
}

/* Each lane is the sum of its two 16-bit words, minus SUM_BIAS, as the multiplication is signed. */
static inline vec sum_words(vec v)
{
	return _mm256_madd_epi16(vec_xor(v, _mm256_set1_epi16(INT16_MIN)), _mm256_set1_epi16(1));
}

#include "sums.h"

/*
 * The sum of the words from the addresses to END, in the lanes of one vector. It calls sum_words()
 * once for each 32 bytes that begin before END or at it, counted from the frame's first byte, so
 * that no load from an aligned frame crosses a cache line.
 */
static inline vec sum_frame(const uint8_t *data, uint32_t end)
{
	const __m256i addresses_on =
		_mm256_setr_epi32(0, 0, 0, 0, 0, 0, (int)0xffff0000, -1); /* byte 26 */
	__m256i sum, other = _mm256_setzero_si256();
	__m128i tail;

	sum = sum_words(_mm256_and_si256(_mm256_loadu_si256((const __m256i *)data), addresses_on));
	for (data += 32, end -= 32; end >= 64; data += 64, end -= 64) {
		const __m256i *const v = (const __m256i *)data;

		sum = vec_add(sum, sum_words(_mm256_loadu_si256(v)));
		other = vec_add(other, sum_words(_mm256_loadu_si256(v + 1)));
	}
	sum = vec_add(sum, other);
	if (end >= 32) {
		sum = vec_add(sum, sum_words(_mm256_loadu_si256((const __m256i *)data)));
		end -= 32;
		data += 32;
	}
	/* This load ends with the last byte of the frame, so that it reads none behind it. */
	tail = last_bytes(load_16(data + end - 16), end % 16);
	if (end >= 16)
		return vec_add(sum, sum_words(_mm256_inserti128_si256(
					    _mm256_castsi128_si256(tail), load_16(data), 1)));
	return vec_add(sum, sum_words(_mm256_zextsi128_si256(tail)));
}

static inline mask group_datagrams_sum(
	uint32_t set, uint8_t *const data[GROUP], const uint32_t ends[GROUP], vec udp_length)
{
	const vec end = vec_load(ends);
	vec sum[GROUP], total, low, high;

	for (unsigned int i = 0; i < GROUP; i++)
		sum[i] = set >> i & 1 ? sum_frame(data[i], ends[i]) : _mm256_setzero_si256();
	low = _mm256_hadd_epi32(
		_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
	high = _mm256_hadd_epi32(
		_mm256_hadd_epi32(sum[4], sum[5]), _mm256_hadd_epi32(sum[6], sum[7]));
	total = vec_add(_mm256_permute2x128_si256(low, high, 0x20),
		_mm256_permute2x128_si256(low, high, 0x31));
	/* Each sum_words() has subtracted 0x10000 in 8 lanes. */
	total = vec_add(total, vec_add(vec_set(8 << 16), vec_left(vec_right(end, 5), 19)));
	return datagrams_sum(total, udp_length);
}

/* Puts 16 bytes at OFFSET of two frames into another ORDER. */
static inline void shuffle_two(uint8_t *const data[CHUNK], unsigned int offset, __m128i order)
{
	const __m256i v = _mm256_shuffle_epi8(
		two_of(data[0] + offset, data[1] + offset), _mm256_broadcastsi128_si256(order));

	store_16(data[0] + offset, _mm256_castsi256_si128(v));
	store_16(data[1] + offset, _mm256_extracti128_si256(v, 1));
}

static inline void turn_chunk(uint8_t *const data[CHUNK])
{
	shuffle_two(data, PLAIN_ETH, turned_macs());
	shuffle_two(data, PLAIN_ADDRESSES, turned_ends());
}

#endif
