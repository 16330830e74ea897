/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The primitives of one instruction set, called with arrays, so that a test can hold two sets
 * against each other. A vector is an array of as many numbers as the set has lanes; a mask is the
 * set of its bits.
 */
#ifndef TEST_PRIMITIVES_H
#define TEST_PRIMITIVES_H

#include <udpecho/packet/identity.h>

#define PRIMITIVES_LANES_MAX 16

enum vector_primitive {
	VECTOR_SET, /* a[0] in all lanes */
	VECTOR_ADD,
	VECTOR_SUB,
	VECTOR_AND,
	VECTOR_OR,
	VECTOR_XOR,
	VECTOR_LEFT_16,
	VECTOR_RIGHT_16,
	VECTOR_CHOOSE, /* by the mask */
	VECTOR_NUMBER16_FIRST,
	VECTOR_NUMBER16_SECOND,
	VECTOR_FOLD,
	VECTOR_PRIMITIVES,
};

enum mask_primitive {
	MASK_ALL,
	MASK_NONE,
	MASK_OR, /* of the mask, and the lanes in which A equals B */
	MASK_AND,
	MASK_WITHOUT,
	MASK_EQUAL,
	MASK_ABOVE,
	MASK_NOT_ABOVE,
	MASK_CLEAR,
	MASK_PRIMITIVES,
};

struct primitives {
	unsigned int lanes;
	unsigned int chunk;
	void (*vector)(enum vector_primitive which, uint32_t mask, const uint32_t *a,
		const uint32_t *b, uint32_t *result);
	uint32_t (*mask)(
		enum mask_primitive which, uint32_t mask, const uint32_t *a, const uint32_t *b);
	uint32_t (*in_set)(uint32_t mask, const struct port_set *set, const uint32_t *ports);
	uint32_t (*serves)(uint32_t mask, const struct identity *identity, const uint32_t *ports);
	void (*columns)(uint8_t *const *data, unsigned int offset,
		uint32_t result[4][PRIMITIVES_LANES_MAX]);
	uint32_t (*heads)(const struct identity *identity, uint8_t *const *data);
	uint32_t (*headers_sum)(uint32_t mask, uint8_t *const *data);
	uint32_t (*datagrams_sum)(uint32_t set, uint8_t *const *data, const uint32_t *ends);
	void (*turn_frame)(uint8_t *data);
	void (*turn_chunk)(uint8_t *const *data);
};

extern const struct primitives primitives_lanes_4, primitives_lanes_8, primitives_lanes_16;
#ifdef __x86_64__
extern const struct primitives primitives_avx2, primitives_avx512;
#elif defined(__aarch64__)
extern const struct primitives primitives_neon;
#endif

#endif
