/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each primitive of each instruction set does what its twin in plain C does (lanes.h), of which the
 * proofs say that group.h over it equals the reference.
 */
#include <string.h>

#include <udpecho/packet/checksum.h>

#include "primitives.h"
#include "suite.h"

#define ROUNDS      20000
#define FRAME_BYTES 2048
/* Frames end where their memory does, for the sanitizer to see what is read behind them. */
#define DATA(i)     (&frames[i][FRAME_BYTES - length])

/* An instruction set, and plain C with as many lanes. */
struct pair {
	const char *about;
	const struct primitives *set, *twin;
};

#ifdef __x86_64__
#define AVX2(what)                                                   \
	{                                                            \
		what ": avx2", &primitives_avx2, &primitives_lanes_8 \
	}
#define AVX512(what)                                                      \
	{                                                                 \
		what ": avx512", &primitives_avx512, &primitives_lanes_16 \
	}
#endif

static uint8_t frames[PRIMITIVES_LANES_MAX][FRAME_BYTES];

/* splitmix64: the same numbers each time. */
static uint32_t next_random(void)
{
	static uint64_t state = 18;
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z ^ z >> 31);
}

/* Mostly at an edge: of signs, of halves, of bytes. */
static uint32_t next_number(void)
{
	static const uint32_t edges[] = {0, 1, 0xff, 0x100, 0xfffe, 0xffff, 0x10000, 0x1fffe,
		0x7fffffff, 0x80000000, 0xffff0000, 0xfffffffe, 0xffffffff};
	const uint32_t number = next_random();

	return number & 1 ? number : edges[number / 2 % (sizeof(edges) / sizeof(edges[0]))];
}

static void fill(uint32_t *lanes)
{
	for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++)
		lanes[i] = next_number();
}

static void test_vectors(void **state)
{
	const struct pair *pair = *state;
	uint32_t a[PRIMITIVES_LANES_MAX], b[PRIMITIVES_LANES_MAX];
	uint32_t got[PRIMITIVES_LANES_MAX], wanted[PRIMITIVES_LANES_MAX];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		const uint32_t bits = next_random();

		fill(a);
		fill(b);
		for (unsigned int which = 0; which < VECTOR_PRIMITIVES; which++) {
			pair->set->vector(which, bits, a, b, got);
			pair->twin->vector(which, bits, a, b, wanted);
			assert_memory_equal(got, wanted, pair->set->lanes * sizeof(got[0]));
		}
	}
}

static void test_masks(void **state)
{
	const struct pair *pair = *state;
	uint32_t a[PRIMITIVES_LANES_MAX], b[PRIMITIVES_LANES_MAX];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		const uint32_t bits = next_random();

		fill(a);
		fill(b);
		for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++)
			if (next_random() % 4 == 0)
				b[i] = a[i];
		for (unsigned int which = 0; which < MASK_PRIMITIVES; which++)
			assert_int_equal(pair->set->mask(which, bits, a, b),
				pair->twin->mask(which, bits, a, b));
	}
}

/* Of every number of 16 bits: what both halves of a lane say, and whether the port is in a set or
 * has the plain service. */
static void test_every_number(void **state)
{
	const struct pair *pair = *state;
	uint32_t a[PRIMITIVES_LANES_MAX], got[PRIMITIVES_LANES_MAX], wanted[PRIMITIVES_LANES_MAX];
	static struct identity identity; /* too large for the stack */
	struct port_set set;

	for (size_t i = 0; i < sizeof(identity.service); i++)
		identity.service[i] = (uint8_t)(next_random() % 3);
	for (size_t i = 0; i < sizeof(set.bits) / sizeof(set.bits[0]); i++)
		set.bits[i] = (uint64_t)next_random() << 32 | next_random();
	for (uint32_t number = 0; number <= UINT16_MAX; number++) {
		const uint32_t bits = next_random();

		for (uint32_t i = 0; i < PRIMITIVES_LANES_MAX; i++)
			a[i] = (number + i) & 0xffff;
		assert_int_equal(
			pair->set->in_set(bits, &set, a), pair->twin->in_set(bits, &set, a));
		assert_int_equal(pair->set->serves(bits, &identity, a),
			pair->twin->serves(bits, &identity, a));
		for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++)
			a[i] |= (number ^ i * 0x1111) << 16;
		for (unsigned int which = VECTOR_NUMBER16_FIRST; which <= VECTOR_FOLD; which++) {
			pair->set->vector(which, bits, a, a, got);
			pair->twin->vector(which, bits, a, a, wanted);
			assert_memory_equal(got, wanted, pair->set->lanes * sizeof(got[0]));
		}
	}
}

static void point(uint8_t *data[], uint32_t length)
{
	for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++)
		data[i] = DATA(i);
}

static void randomise(uint8_t *const data[], uint32_t length)
{
	for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++)
		for (uint32_t j = 0; j < length; j++)
			data[i][j] = (uint8_t)next_random();
}

static void test_columns(void **state)
{
	const struct pair *pair = *state;
	uint32_t got[4][PRIMITIVES_LANES_MAX], wanted[4][PRIMITIVES_LANES_MAX];
	uint8_t *data[PRIMITIVES_LANES_MAX];

	point(data, 46);
	for (unsigned int offset = 0; offset <= 30; offset++) {
		randomise(data, 46);
		pair->set->columns(data, offset, got);
		pair->twin->columns(data, offset, wanted);
		for (unsigned int i = 0; i < 4; i++)
			assert_memory_equal(
				got[i], wanted[i], pair->set->lanes * sizeof(got[i][0]));
	}
}

/* Each bit of the first 16 bytes wrong, in each lane; and bits of all of them. */
static void test_heads(void **state)
{
	static const uint8_t head[16] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, 0x45, 0};
	const struct pair *pair = *state;
	struct identity identity;
	uint8_t *data[PRIMITIVES_LANES_MAX];

	identity_init(&identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	point(data, 46);
	for (unsigned int lane = 0; lane < pair->set->lanes; lane++)
		for (unsigned int bit = 0; bit <= 8 * sizeof(head); bit++) {
			for (unsigned int i = 0; i < pair->set->lanes; i++)
				memcpy(data[i], head, sizeof(head));
			if (bit < 8 * sizeof(head))
				data[lane][bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(pair->set->heads(&identity, data),
				pair->twin->heads(&identity, data));
		}
}

/* Makes the words from FIRST to END of every other frame sum to 0xffff, and of some nearly. */
static void sum_up(uint8_t *const data[], uint32_t first, uint32_t end, uint32_t at, uint32_t more)
{
	for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++) {
		checksum_sum sum;
		be16_t checksum;

		memset(data[i] + at, 0, sizeof(checksum));
		sum = more + checksum_add(0, data[i] + first, end - first);
		checksum = checksum_finish(sum);
		if (i % 4 == 3)
			checksum.raw ^= (uint16_t)(1 << next_random() % 16);
		memcpy(data[i] + at, &checksum, sizeof(checksum));
	}
}

static void test_headers_sum(void **state)
{
	const struct pair *pair = *state;
	uint8_t *data[PRIMITIVES_LANES_MAX];

	point(data, 46);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const uint32_t bits = next_random();

		randomise(data, 46);
		if (round % 16 == 0) /* all zeros, and all ones */
			memset(data[round % PRIMITIVES_LANES_MAX], round & 32 ? 0xff : 0, 46);
		sum_up(data, 14, 34, 24, 0);
		assert_int_equal(
			pair->set->headers_sum(bits, data), pair->twin->headers_sum(bits, data));
	}
}

/* Of every length that a plain datagram of an Ethernet frame can have. */
static void test_datagrams_sum(void **state)
{
	const struct pair *pair = *state;
	uint32_t ends[PRIMITIVES_LANES_MAX];
	uint8_t *data[PRIMITIVES_LANES_MAX];

	for (uint32_t length = 46; length <= FRAME_BYTES; length++) {
		const be16_t udp_length = BE16(length - 34);

		point(data, length);
		randomise(data, length);
		for (unsigned int i = 0; i < PRIMITIVES_LANES_MAX; i++) {
			memcpy(data[i] + 38, &udp_length, sizeof(udp_length));
			ends[i] = length;
		}
		sum_up(data, 26, length, 40, BE16(17).raw + udp_length.raw);
		assert_int_equal(pair->set->datagrams_sum(UINT32_MAX, data, ends),
			pair->twin->datagrams_sum(UINT32_MAX, data, ends));
	}
}

static void test_turns(void **state)
{
	const struct pair *pair = *state;
	uint8_t *data[PRIMITIVES_LANES_MAX], wanted[PRIMITIVES_LANES_MAX][46];

	point(data, 46);
	for (unsigned int round = 0; round < 1000; round++) {
		randomise(data, 46);
		for (unsigned int i = 0; i < pair->set->lanes; i++) {
			memcpy(wanted[i], data[i], sizeof(wanted[i]));
			pair->twin->turn_frame(wanted[i]);
		}
		if (round % 2 == 0)
			for (unsigned int i = 0; i < pair->set->lanes; i++)
				pair->set->turn_frame(data[i]);
		else
			for (unsigned int i = 0; i < pair->set->lanes; i += pair->set->chunk)
				pair->set->turn_chunk(&data[i]);
		for (unsigned int i = 0; i < pair->set->lanes; i++)
			assert_memory_equal(data[i], wanted[i], sizeof(wanted[i]));
	}
}

#ifndef __aarch64__
static void test_nothing(void **state)
{
	(void)state;
	skip();
}
#endif

#ifdef __x86_64__
static bool cpu_has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

static bool cpu_has_avx512(void)
{
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

#define ADD(what, test)                                                                    \
	do {                                                                               \
		static const struct pair avx2[] = {AVX2(what)}, avx512[] = {AVX512(what)}; \
                                                                                           \
		if (cpu_has_avx2())                                                        \
			SUITE_ADD(avx2, test);                                             \
		if (cpu_has_avx512())                                                      \
			SUITE_ADD(avx512, test);                                           \
	} while (0)
#elif defined(__aarch64__)
#define ADD(what, test)                                                          \
	do {                                                                     \
		static const struct pair neon[] = {                              \
			{what ": neon", &primitives_neon, &primitives_lanes_4}}; \
                                                                                 \
		SUITE_ADD(neon, test);                                           \
	} while (0)
#else
#define ADD(what, test) suite_add(what ": no instruction set", test_nothing)
#endif

int main(void)
{
	ADD("vectors", test_vectors);
	ADD("masks", test_masks);
	ADD("every number of 16 bits", test_every_number);
	ADD("columns", test_columns);
	ADD("heads with any bit wrong", test_heads);
	ADD("sums of headers", test_headers_sum);
	ADD("sums of datagrams", test_datagrams_sum);
	ADD("turns", test_turns);
#ifdef __x86_64__
	if (!cpu_has_avx2())
		suite_add("avx2", test_nothing);
	if (!cpu_has_avx512())
		suite_add("avx512", test_nothing);
#endif
	return suite_run("primitives");
}
