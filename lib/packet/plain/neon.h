/* SPDX-License-Identifier: BSD-3-Clause */
/* The primitives of lanes.h for NEON. A lane of a mask is all ones or all zeros. */
#ifndef PACKET_PLAIN_NEON_H
#define PACKET_PLAIN_NEON_H

#include <arm_neon.h>

#define GROUP    4
#define CHUNK    1
#define SUM_BIAS 0 /* of sum_words() */

typedef uint32x4_t vec;
typedef uint32x4_t mask;
typedef uint8x16_t bytes_16;

static inline bytes_16 load_16(const uint8_t *data)
{
	return vld1q_u8(data);
}

static inline void store_16(uint8_t *data, bytes_16 v)
{
	vst1q_u8(data, v);
}

static inline bytes_16 shuffle_16(bytes_16 v, bytes_16 order)
{
	return vqtbl1q_u8(v, order);
}

#include "sixteen.h"

static inline vec vec_set(uint32_t value)
{
	return vdupq_n_u32(value);
}

static inline vec vec_load(const uint32_t from[GROUP])
{
	return vld1q_u32(from);
}

static inline void vec_store(uint32_t to[GROUP], vec v)
{
	vst1q_u32(to, v);
}

static inline vec vec_add(vec a, vec b)
{
	return vaddq_u32(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
	return vsubq_u32(a, b);
}

static inline vec vec_and(vec a, vec b)
{
	return vandq_u32(a, b);
}

static inline vec vec_or(vec a, vec b)
{
	return vorrq_u32(a, b);
}

static inline vec vec_xor(vec a, vec b)
{
	return veorq_u32(a, b);
}

/* The intrinsics of shifts want a constant even where they are not inlined. */
static inline vec vec_left(vec v, int bits)
{
	return v << bits;
}

static inline vec vec_right(vec v, int bits)
{
	return v >> bits;
}

static inline vec vec_choose(mask m, vec yes, vec no)
{
	return vbslq_u32(m, yes, no);
}

static inline vec vec_number16(vec v, int byte)
{
	const vec swapped = vreinterpretq_u32_u8(vrev16q_u8(vreinterpretq_u8_u32(v)));

	return vec_and(vec_right(swapped, 8 * byte), vec_set(0xffff));
}

static inline mask mask_all(void)
{
	return vec_set(UINT32_MAX);
}

static inline mask mask_none(void)
{
	return vec_set(0);
}

static inline uint32_t mask_bits(mask m)
{
	static const uint32_t bits[GROUP] = {1, 2, 4, 8};

	return vaddvq_u32(vec_and(m, vec_load(bits)));
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
	return vbicq_u32(m, other);
}

static inline mask mask_equal(mask m, vec a, vec b)
{
	return mask_and(m, vceqq_u32(a, b));
}

static inline mask mask_above(mask m, vec a, vec b)
{
	return mask_and(m, vcgtq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b)));
}

static inline mask mask_not_above(mask m, vec a, vec b)
{
	return mask_and(m, vcleq_s32(vreinterpretq_s32_u32(a), vreinterpretq_s32_u32(b)));
}

static inline mask mask_clear(mask m, vec a, vec b)
{
	return mask_without(m, vtstq_u32(a, b));
}

/* NEON cannot load from an address of its own in each lane, so tables are read lane by lane. */
#define PORT(ports, lane) BE16(vgetq_lane_u32(ports, lane))

static inline mask mask_in_set(mask m, const struct port_set *set, vec ports)
{
	const uint32_t has[GROUP] = {port_set_has(set, PORT(ports, 0)),
		port_set_has(set, PORT(ports, 1)), port_set_has(set, PORT(ports, 2)),
		port_set_has(set, PORT(ports, 3))};

	return mask_equal(m, vec_load(has), vec_set(1));
}

static inline mask mask_serves(mask m, const struct identity *identity, vec ports)
{
	const uint32_t services[GROUP] = {identity_service(identity, PORT(ports, 0)),
		identity_service(identity, PORT(ports, 1)),
		identity_service(identity, PORT(ports, 2)),
		identity_service(identity, PORT(ports, 3))};

	return mask_equal(m, vec_load(services), vec_set(SERVICE_ECHO));
}
#undef PORT

static inline void group_columns(uint8_t *const data[GROUP], unsigned int offset, vec column[4])
{
	const vec a = vreinterpretq_u32_u8(load_16(data[0] + offset));
	const vec b = vreinterpretq_u32_u8(load_16(data[1] + offset));
	const vec c = vreinterpretq_u32_u8(load_16(data[2] + offset));
	const vec d = vreinterpretq_u32_u8(load_16(data[3] + offset));
	const uint64x2_t ab_low = vreinterpretq_u64_u32(vzip1q_u32(a, b));
	const uint64x2_t ab_high = vreinterpretq_u64_u32(vzip2q_u32(a, b));
	const uint64x2_t cd_low = vreinterpretq_u64_u32(vzip1q_u32(c, d));
	const uint64x2_t cd_high = vreinterpretq_u64_u32(vzip2q_u32(c, d));

	column[0] = vreinterpretq_u32_u64(vzip1q_u64(ab_low, cd_low));
	column[1] = vreinterpretq_u32_u64(vzip2q_u64(ab_low, cd_low));
	column[2] = vreinterpretq_u32_u64(vzip1q_u64(ab_high, cd_high));
	column[3] = vreinterpretq_u32_u64(vzip2q_u64(ab_high, cd_high));
}

static inline mask group_heads(const struct identity *identity, uint8_t *const data[GROUP])
{
	const bytes_16 expected = expected_head(identity), counts = expected_head_mask();
	vec wrong[GROUP];

	for (unsigned int i = 0; i < GROUP; i++)
		wrong[i] = vreinterpretq_u32_u8(
			vandq_u8(veorq_u8(load_16(data[i] + PLAIN_ETH), expected), counts));
	/* The greatest lane of each frame. */
	return vceqzq_u32(
		vpmaxq_u32(vpmaxq_u32(wrong[0], wrong[1]), vpmaxq_u32(wrong[2], wrong[3])));
}

/* Each lane is the sum of its two 16-bit words. */
static inline vec sum_words(vec v)
{
	return vpaddlq_u16(vreinterpretq_u16_u32(v));
}

#include "sums.h"

/* SUM, and in each lane the next two words. */
static inline vec add_words(vec sum, bytes_16 v)
{
	return vpadalq_u16(sum, vreinterpretq_u16_u8(v));
}

/*
 * The sum of the words from the addresses to END, in the lanes of one vector. No load from an
 * aligned frame but the last crosses a cache line.
 */
static inline vec sum_frame(const uint8_t *data, uint32_t end)
{
	static const uint8_t addresses_on[16] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255}; /* byte 26 */
	vec sum = vec_set(0), other = sum;

	sum = add_words(sum, vandq_u8(load_16(data + 16), load_16(addresses_on)));
	for (data += 32, end -= 32; end >= 32; data += 32, end -= 32) {
		sum = add_words(sum, load_16(data));
		other = add_words(other, load_16(data + 16));
	}
	if (end >= 16) {
		sum = add_words(sum, load_16(data));
		end -= 16;
		data += 16;
	}
	/* This load ends with the last byte of the frame, so that it reads none behind it. */
	other = add_words(other, last_bytes(load_16(data + end - 16), end));
	return vec_add(sum, other);
}

static inline mask group_datagrams_sum(
	uint32_t set, uint8_t *const data[GROUP], const uint32_t ends[GROUP], vec udp_length)
{
	vec sum[GROUP];

	for (unsigned int i = 0; i < GROUP; i++)
		sum[i] = set >> i & 1 ? sum_frame(data[i], ends[i]) : vec_set(0);
	return datagrams_sum(
		vpaddq_u32(vpaddq_u32(sum[0], sum[1]), vpaddq_u32(sum[2], sum[3])), udp_length);
}

static inline void turn_chunk(uint8_t *const data[CHUNK])
{
	turn_frame(data[0]);
}

#endif
