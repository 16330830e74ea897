/* SPDX-License-Identifier: BSD-3-Clause */
/* The primitives of lanes.h for AVX-512 (F, BW and VL). A mask is a mask register. */
#ifndef PACKET_PLAIN_AVX512_H
#define PACKET_PLAIN_AVX512_H

#include "x86.h"

#define GROUP 16
#define CHUNK 4

typedef __m512i vec;
typedef __mmask16 mask;

static inline vec vec_set(uint32_t value)
{
	return _mm512_set1_epi32((int)value);
}

static inline vec vec_load(const uint32_t from[GROUP])
{
	return _mm512_loadu_si512(from);
}

static inline void vec_store(uint32_t to[GROUP], vec v)
{
	_mm512_storeu_si512(to, v);
}

static inline vec vec_add(vec a, vec b)
{
	return _mm512_add_epi32(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
	return _mm512_sub_epi32(a, b);
}

static inline vec vec_and(vec a, vec b)
{
	return _mm512_and_si512(a, b);
}

static inline vec vec_or(vec a, vec b)
{
	return _mm512_or_si512(a, b);
}

static inline vec vec_xor(vec a, vec b)
{
	return _mm512_xor_si512(a, b);
}

static inline vec vec_left(vec v, int bits)
{
	return _mm512_slli_epi32(v, (unsigned int)bits);
}

static inline vec vec_right(vec v, int bits)
{
	return _mm512_srli_epi32(v, (unsigned int)bits);
}

static inline vec vec_choose(mask m, vec yes, vec no)
{
	return _mm512_mask_blend_epi32(m, no, yes);
}

static inline vec vec_number16(vec v, int byte)
{
	const int by = byte * 0x0101;

	return _mm512_shuffle_epi8(v, _mm512_set4_epi32((int)0x80800c0d + by, (int)0x80800809 + by,
					      (int)0x80800405 + by, (int)0x80800001 + by));
}

static inline mask mask_all(void)
{
	return 0xffff;
}

static inline mask mask_none(void)
{
	return 0;
}

static inline uint32_t mask_bits(mask m)
{
	return m;
}

static inline mask mask_or(mask a, mask b)
{
	return a | b;
}

static inline mask mask_and(mask a, mask b)
{
	return a & b;
}

static inline mask mask_without(mask m, mask other)
{
	return m & (mask)~other;
}

static inline mask mask_equal(mask m, vec a, vec b)
{
	return _mm512_mask_cmpeq_epi32_mask(m, a, b);
}

static inline mask mask_above(mask m, vec a, vec b)
{
	return _mm512_mask_cmpgt_epi32_mask(m, a, b);
}

static inline mask mask_not_above(mask m, vec a, vec b)
{
	return _mm512_mask_cmple_epi32_mask(m, a, b);
}

static inline mask mask_clear(mask m, vec a, vec b)
{
	return _mm512_mask_testn_epi32_mask(m, a, b);
}

static inline mask mask_in_set(mask m, const struct port_set *set, vec ports)
{
	const vec words = _mm512_i32gather_epi32(vec_right(ports, 5), set->bits, 4);

	return _mm512_mask_test_epi32_mask(
		m, words, _mm512_sllv_epi32(vec_set(1), vec_and(ports, vec_set(31))));
}

static inline mask mask_serves(mask m, const struct identity *identity, vec ports)
{
	const vec services = _mm512_i32gather_epi32(ports, identity->service, 1);

	return mask_equal(m, vec_and(services, vec_set(0xff)), vec_set(SERVICE_ECHO));
}

/* Loads 16 bytes at OFFSET of each of four frames, which are STEP frames apart. */
static inline __m512i load_four(uint8_t *const data[], unsigned int step, unsigned int offset)
{
	__m512i v = _mm512_castsi128_si512(load_16(data[0] + offset));

	v = _mm512_inserti32x4(v, load_16(data[step] + offset), 1);
	v = _mm512_inserti32x4(v, load_16(data[2 * step] + offset), 2);
	return _mm512_inserti32x4(v, load_16(data[3 * step] + offset), 3);
}

/* Loads from frames i, i + 4, i + 8 and i + 12, so that each column has the frames in order. */
static inline void group_columns(uint8_t *const data[GROUP], unsigned int offset, vec column[4])
{
	const __m512i a = load_four(data, 4, offset), b = load_four(data + 1, 4, offset);
	const __m512i c = load_four(data + 2, 4, offset), d = load_four(data + 3, 4, offset);
	const __m512i ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
	const __m512i cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);

	column[0] = _mm512_unpacklo_epi64(ab_low, cd_low);
	column[1] = _mm512_unpackhi_epi64(ab_low, cd_low);
	column[2] = _mm512_unpacklo_epi64(ab_high, cd_high);
	column[3] = _mm512_unpackhi_epi64(ab_high, cd_high);
}

static inline mask group_heads(const struct identity *identity, uint8_t *const data[GROUP])
{
	const __m512i expected = _mm512_broadcast_i32x4(expected_head(identity));
	const __m512i counts = _mm512_broadcast_i32x4(expected_head_mask());
	__m512i wrong[4], ab, cd;

	for (unsigned int i = 0; i < 4; i++)
		wrong[i] = _mm512_and_si512(
			_mm512_xor_si512(load_four(data + i, 4, PLAIN_ETH), expected), counts);
	/* This transposes as group_columns() does, but need not keep the columns apart. */
	ab = _mm512_or_si512(_mm512_unpacklo_epi32(wrong[0], wrong[1]),
		_mm512_unpackhi_epi32(wrong[0], wrong[1]));
	cd = _mm512_or_si512(_mm512_unpacklo_epi32(wrong[2], wrong[3]),
		_mm512_unpackhi_epi32(wrong[2], wrong[3]));
	return mask_clear(mask_all(),
		_mm512_or_si512(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)),
		vec_set(UINT32_MAX));
}

/* Each lane is the sum of its two 16-bit words, minus SUM_BIAS, as the multiplication is signed. */
static inline vec sum_words(vec v)
{
	return _mm512_madd_epi16(vec_xor(v, _mm512_set1_epi16(INT16_MIN)), _mm512_set1_epi16(1));
}

#include "sums.h"

/*
 * The sum of the words from the addresses to END, in the lanes of one vector. It calls sum_words()
 * once for each 64 bytes that begin before END, counted from the frame's first byte, so that no
 * load from an aligned frame crosses a cache line.
 */
static inline vec sum_frame(const uint8_t *data, uint32_t end)
{
	const __mmask64 addresses_on = UINT64_MAX << PLAIN_ADDRESSES;
	__m512i sum, other = _mm512_setzero_si512();

	if (end <= 64)
		return sum_words(
			_mm512_maskz_loadu_epi8(addresses_on & UINT64_MAX >> (64 - end), data));
	sum = sum_words(_mm512_maskz_loadu_epi8(addresses_on, data));
	for (data += 64, end -= 64; end > 128; data += 128, end -= 128) {
		sum = vec_add(sum, sum_words(_mm512_loadu_si512(data)));
		other = vec_add(other, sum_words(_mm512_loadu_si512(data + 64)));
	}
	sum = vec_add(sum, other);
	if (end > 64) {
		sum = vec_add(sum, sum_words(_mm512_loadu_si512(data)));
		end -= 64;
		data += 64;
	}
	return vec_add(sum, sum_words(_mm512_maskz_loadu_epi8(UINT64_MAX >> (64 - end), data)));
}

/* Adds neighbouring lanes of A, and those of B; the sums lie in the order a, b, a, b. */
static inline vec add_pairs(vec a, vec b)
{
	return vec_add(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
}

static inline vec add_quads(const vec v[4])
{
	const vec ab = add_pairs(v[0], v[1]), cd = add_pairs(v[2], v[3]);

	return vec_add(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

static inline vec add_blocks(vec a, vec b)
{
	return vec_add(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

/* Adds the lanes of each of 16 vectors: lane i of the result is the sum of vector i. */
static inline vec add_lanes(const vec v[GROUP])
{
	return add_blocks(add_blocks(add_quads(v), add_quads(v + 4)),
		add_blocks(add_quads(v + 8), add_quads(v + 12)));
}

static inline mask group_datagrams_sum(
	uint32_t set, uint8_t *const data[GROUP], const uint32_t ends[GROUP], vec udp_length)
{
	const vec end = vec_load(ends);
	vec sum[GROUP], total;

	for (unsigned int i = 0; i < GROUP; i++)
		sum[i] = set >> i & 1 ? sum_frame(data[i], ends[i]) : _mm512_setzero_si512();
	total = add_lanes(sum);
	/* Each sum_words() has subtracted 0x10000 in 16 lanes. */
	total = vec_add(total, vec_left(vec_right(vec_add(end, vec_set(63)), 6), 20));
	return datagrams_sum(total, udp_length);
}

/* Puts 16 bytes at OFFSET of four frames into another ORDER. */
static inline void shuffle_four(uint8_t *const data[CHUNK], unsigned int offset, __m128i order)
{
	const __m512i v =
		_mm512_shuffle_epi8(load_four(data, 1, offset), _mm512_broadcast_i32x4(order));

	store_16(data[0] + offset, _mm512_castsi512_si128(v));
	store_16(data[1] + offset, _mm512_extracti32x4_epi32(v, 1));
	store_16(data[2] + offset, _mm512_extracti32x4_epi32(v, 2));
	store_16(data[3] + offset, _mm512_extracti32x4_epi32(v, 3));
}

static inline void turn_chunk(uint8_t *const data[CHUNK])
{
	shuffle_four(data, PLAIN_ETH, turned_macs());
	shuffle_four(data, PLAIN_ADDRESSES, turned_ends());
}

#endif
