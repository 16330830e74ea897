/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiled once for each set: SET is the header that has it, PRIMITIVES what it is called here. */
#include SET

#include "primitives.h"

#define BIT(m, i) ((m) >> (i)&1 ? UINT32_MAX : 0)

/* The mask of those bits. */
static mask mask_of(uint32_t bits)
{
	uint32_t lanes[GROUP];

	for (unsigned int i = 0; i < GROUP; i++)
		lanes[i] = BIT(bits, i);
	return mask_without(mask_all(), mask_equal(mask_all(), vec_load(lanes), vec_set(0)));
}

static void do_vector(enum vector_primitive which, uint32_t bits, const uint32_t *a,
	const uint32_t *b, uint32_t *result)
{
	const vec x = vec_load(a), y = vec_load(b);

	switch (which) {
	case VECTOR_SET:
		vec_store(result, vec_set(a[0]));
		break;
	case VECTOR_ADD:
		vec_store(result, vec_add(x, y));
		break;
	case VECTOR_SUB:
		vec_store(result, vec_sub(x, y));
		break;
	case VECTOR_AND:
		vec_store(result, vec_and(x, y));
		break;
	case VECTOR_OR:
		vec_store(result, vec_or(x, y));
		break;
	case VECTOR_XOR:
		vec_store(result, vec_xor(x, y));
		break;
	case VECTOR_LEFT_16:
		vec_store(result, vec_left(x, 16));
		break;
	case VECTOR_RIGHT_16:
		vec_store(result, vec_right(x, 16));
		break;
	case VECTOR_CHOOSE:
		vec_store(result, vec_choose(mask_of(bits), x, y));
		break;
	case VECTOR_NUMBER16_FIRST:
		vec_store(result, vec_number16(x, 0));
		break;
	case VECTOR_NUMBER16_SECOND:
		vec_store(result, vec_number16(x, 2));
		break;
	case VECTOR_FOLD:
		vec_store(result, vec_fold(x));
		break;
	case VECTOR_PRIMITIVES:
		break;
	}
}

static uint32_t do_mask(
	enum mask_primitive which, uint32_t bits, const uint32_t *a, const uint32_t *b)
{
	const vec x = vec_load(a), y = vec_load(b);
	const mask m = mask_of(bits), equal = mask_equal(mask_all(), x, y);

	switch (which) {
	case MASK_ALL:
		return mask_bits(mask_all());
	case MASK_NONE:
		return mask_bits(mask_none());
	case MASK_OR:
		return mask_bits(mask_or(m, equal));
	case MASK_AND:
		return mask_bits(mask_and(m, equal));
	case MASK_WITHOUT:
		return mask_bits(mask_without(m, equal));
	case MASK_EQUAL:
		return mask_bits(mask_equal(m, x, y));
	case MASK_ABOVE:
		return mask_bits(mask_above(m, x, y));
	case MASK_NOT_ABOVE:
		return mask_bits(mask_not_above(m, x, y));
	case MASK_CLEAR:
		return mask_bits(mask_clear(m, x, y));
	case MASK_PRIMITIVES:
		break;
	}
	return 0;
}

static uint32_t do_in_set(uint32_t bits, const struct port_set *set, const uint32_t *ports)
{
	return mask_bits(mask_in_set(mask_of(bits), set, vec_load(ports)));
}

static uint32_t do_serves(uint32_t bits, const struct identity *identity, const uint32_t *ports)
{
	return mask_bits(mask_serves(mask_of(bits), identity, vec_load(ports)));
}

static void do_columns(
	uint8_t *const *data, unsigned int offset, uint32_t result[4][PRIMITIVES_LANES_MAX])
{
	vec column[4];

	group_columns(data, offset, column);
	for (unsigned int i = 0; i < 4; i++)
		vec_store(result[i], column[i]);
}

static uint32_t do_heads(const struct identity *identity, uint8_t *const *data)
{
	return mask_bits(group_heads(identity, data));
}

static uint32_t do_headers_sum(uint32_t bits, uint8_t *const *data)
{
	vec ip[4], destination[4];

	group_columns(data, PLAIN_IP, ip);
	group_columns(data, PLAIN_DESTINATION, destination);
	return mask_bits(group_headers_sum(mask_of(bits), data, ip, destination[0]));
}

static uint32_t do_datagrams_sum(uint32_t set, uint8_t *const *data, const uint32_t *ends)
{
	vec column[4];

	group_columns(data, PLAIN_DESTINATION, column);
	return set & mask_bits(group_datagrams_sum(set, data, ends, column[2]));
}

static void do_turn_frame(uint8_t *data)
{
	turn_frame(data);
}

static void do_turn_chunk(uint8_t *const *data)
{
	turn_chunk(data);
}

const struct primitives PRIMITIVES = {GROUP, CHUNK, do_vector, do_mask, do_in_set, do_serves,
	do_columns, do_heads, do_headers_sum, do_datagrams_sum, do_turn_frame, do_turn_chunk};
