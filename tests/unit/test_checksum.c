/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include <udpecho/packet/checksum.h>

#include "frames.h"
#include "suite.h"

/* The folded sum of bytes, not complemented. */
struct sum_case {
	const char *about;
	const char *bytes;
	uint16_t sum;
};

static const struct sum_case sums[] = {
	{"sum: RFC 1071 section 3, the example", "0001 f203 f4f5 f6f7", 0xddf2},
	{"sum: nothing", "", 0},
	{"sum: one byte counts as the upper one", "ab", 0xab00},
	{"sum: two bytes", "abcd", 0xabcd},
	{"sum: three bytes", "abcd 01", 0xaccd},
	{"sum: four bytes", "0102 0304", 0x0406},
	{"sum: five bytes", "0102 0304 05", 0x0906},
	{"sum: six bytes", "0102 0304 0506", 0x090c},
	{"sum: seven bytes", "0102 0304 0506 07", 0x100c},
	{"sum: a carry comes around", "ffff 0001", 0x0001},
	{"sum: a carry comes around once more", "ffff ffff 0001", 0x0001},
	{"sum: ones stay ones", "ffff ffff", 0xffff},
	{"sum: one zero of one's complement", "0000 0000 0000", 0x0000},
	{"sum: the other zero", "1234 edcb", 0xffff},
	{"sum: a carry into and out of the upper half", "8000 8000 8000 8000", 0x0002},
	{"sum: an IPv4 header that is right", ECHO_IP, 0xffff},
};

/* The sum does not mind where the bytes lie; the last one lies at the end of the allocation. */
static void test_sum(void **state)
{
	const struct sum_case *row = *state;
	const struct bytes bytes = bytes_of(row->bytes);

	for (size_t shift = 0; shift < 8; shift++) {
		uint8_t *run = malloc(shift + bytes.length);
		const uint8_t *data = run + shift;
		checksum_sum sum;

		memcpy(run + shift, bytes.data, bytes.length);
		sum = checksum_add(0, data, bytes.length);
		assert_int_equal(be16_get(checksum_fold(sum)), row->sum);
		assert_int_equal(be16_get(checksum_finish(sum)), row->sum ^ 0xffff);
		assert_int_equal(
			be16_get(checksum_finish(sum)), slow_checksum(0, data, bytes.length));
		free(run);
	}
}

struct fold_case {
	const char *about;
	checksum_sum sum;
	uint16_t folded; /* the words as they lie in memory */
};

static const struct fold_case folds[] = {
	{"fold: 0", 0, 0},
	{"fold: 16 bits", 0xffff, 0xffff},
	{"fold: one carry", 0x10000, 1},
	{"fold: a carry that carries", 0x1ffff, 1},
	{"fold: 32 bits", 0xffffffff, 0xffff},
	{"fold: 33 bits", UINT64_C(0x100000000), 1},
	{"fold: 48 bits", UINT64_C(0x1000000000000), 1},
	{"fold: all 64 bits", UINT64_MAX, 0xffff},
	{"fold: a carry in each step", UINT64_C(0xffffffff0000ffff), 0xffff},
	{"fold: the halves' carry carries", UINT64_C(0xfffffffffffffffe), 0xfffe},
	{"fold: four different words", UINT64_C(0x0001000200030004), 10},
	{"fold: the upper half carries", UINT64_C(0x00000002ffffffff), 2},
	{"fold: a carry in the second step too", UINT64_C(0xffffffff00010000), 1},
};

static void test_fold(void **state)
{
	const struct fold_case *row = *state;

	assert_int_equal(checksum_fold(row->sum).raw, row->folded);
	assert_int_equal(checksum_finish(row->sum).raw, row->folded ^ 0xffff);
}

struct update_case {
	const char *about;
	uint16_t checksum, before, after, updated;
};

static const struct update_case updates[] = {
	{"update: RFC 1624 section 4, the example", 0xdd2f, 0x5555, 0x3285, 0x0000},
	{"update: nothing changed", 0x1234, 0xabcd, 0xabcd, 0x1234},
	{"update: a TTL, 57 to 64", 0xe369, 0x3911, 0x4011, 0xdc69},
	{"update: a TTL, 255 to 64", 0x1d69, 0xff11, 0x4011, 0xdc69},
	{"update: a carry comes around", 0x0001, 0x0000, 0x0002, 0xfffe},
	{"update: a word from 0 to ones changes nothing", 0x1234, 0x0000, 0xffff, 0x1234},
	{"update: a word from ones to 0 changes nothing", 0x1234, 0xffff, 0x0000, 0x1234},
	{"update: an echo request's type", 0xe110, 0x0800, 0x0000, 0xe910},
};

static void test_update(void **state)
{
	const struct update_case *row = *state;
	const be16_t updated =
		checksum_update(BE16(row->checksum), BE16(row->before), BE16(row->after));

	assert_int_equal(be16_get(updated), row->updated);
}

struct pseudo_case {
	const char *about;
	const char *header; /* as RFC 768 draws it: source, destination, zero, protocol, length */
};

static const struct pseudo_case pseudos[] = {
	{"pseudo-header: UDP", "c6120001 c6120002 00 11 0014"},
	{"pseudo-header: another protocol", "c6120001 c6120002 00 fe 0014"},
	{"pseudo-header: the greatest addresses and length", "ffffffff ffffffff 00 ff ffff"},
	{"pseudo-header: addresses with different halves", "01020304 a0b0c0d0 00 11 0800"},
	{"pseudo-header: no bytes", "00000000 00000000 00 00 0000"},
};

static void test_pseudo(void **state)
{
	const struct pseudo_case *row = *state;
	const struct bytes bytes = bytes_of(row->header);
	be32_t addresses[2];
	be16_t length;
	checksum_sum sum;

	memcpy(addresses, bytes.data, sizeof(addresses));
	memcpy(&length, bytes.data + 10, sizeof(length));
	sum = checksum_pseudo_header(addresses[0], addresses[1], bytes.data[9], length);
	assert_int_equal(
		be16_get(checksum_finish(sum)), slow_checksum(0, bytes.data, bytes.length));
}

static const struct pseudo_case pseudos6[] = {
	/* as RFC 8200 8.1 draws it */
	{"pseudo-header: UDP over IPv6", PEER6 OURS6 "00000014 000000 11"},
	{"pseudo-header: ICMPv6", PEER6 OURS6 "00000014 000000 3a"},
	{"pseudo-header: 16 bytes that all differ",
		"0123456789abcdeffedcba9876543210 102132435465768798a9bacbdcedfe0f 0000ffff "
		"000000 ff"},
	{"pseudo-header: a length of more than 16 bits", PEER6 OURS6 "00012345 000000 11"},
	{"pseudo-header: nobody to nobody", NOBODY6 NOBODY6 "00000000 000000 00"},
};

static void test_pseudo6(void **state)
{
	const struct pseudo_case *row = *state;
	const struct bytes bytes = bytes_of(row->header);
	struct ip_address addresses[2];
	be32_t length;
	checksum_sum sum;

	memcpy(addresses, bytes.data, sizeof(addresses));
	memcpy(&length, bytes.data + 32, sizeof(length));
	sum = checksum_pseudo_header6(
		&addresses[0], &addresses[1], bytes.data[39], be32_get(length));
	assert_int_equal(
		be16_get(checksum_finish(sum)), slow_checksum(0, bytes.data, bytes.length));
}

/* In two parts, cut at each byte, the second through checksum_add_odd() where it starts odd. */
static void test_parts(void **state)
{
	uint8_t data[67];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 + 201);
	for (size_t length = 0; length <= sizeof(data); length++)
		for (size_t cut = 0; cut <= length; cut++) {
			uint8_t *tail = malloc(length - cut);
			checksum_sum sum = checksum_add(0, data, cut);

			memcpy(tail, data + cut, length - cut);
			sum = cut % 2 != 0 ? checksum_add_odd(sum, tail, length - cut)
					   : checksum_add(sum, tail, length - cut);
			assert_int_equal(
				be16_get(checksum_finish(sum)), slow_checksum(0, data, length));
			free(tail);
		}
}

struct big_case {
	const char *about;
	size_t length;
	uint8_t byte;
};

static const struct big_case bigs[] = {
	{"big: the longest IPv4 packet, all ones", 65535, 0xff},
	{"big: a mebibyte of ones: many carries", 1 << 20, 0xff},
	{"big: a mebibyte and a byte", (1 << 20) + 1, 0xfe},
	{"big: zeros", 1 << 16, 0},
};

static void test_big(void **state)
{
	const struct big_case *row = *state;
	uint8_t *data = malloc(row->length);
	checksum_sum sum;

	memset(data, row->byte, row->length);
	sum = checksum_add(0, data, row->length);
	assert_int_equal(be16_get(checksum_finish(sum)), slow_checksum(0, data, row->length));
	/* Sums add up: 4096 times a mebibyte is the 2^32 bytes that checksum.h promises. */
	sum *= 4096;
	assert_int_equal(checksum_fold(sum).raw, row->byte == 0 ? 0 : (sum - 1) % 0xffff + 1);
	free(data);
}

/* Every checksum, from a word of each to a word of each, against the one made anew. */
static void test_update_all(void **state)
{
	static const uint16_t words[] = {0, 1, 0xff, 0x100, 0x3911, 0x8000, 0xfffe, 0xffff};

	(void)state;
	for (uint32_t other = 1; other <= 0xffff; other++)
		for (size_t i = 0; i < COUNT(words) * COUNT(words); i++) {
			const uint16_t before = words[i / COUNT(words)];
			const uint16_t after = words[i % COUNT(words)];
			const uint8_t old[] = {(uint8_t)(before >> 8), (uint8_t)before};
			const uint8_t new[] = {(uint8_t)(after >> 8), (uint8_t)after};
			const be16_t checksum = BE16(slow_checksum(other, old, 2));
			const be16_t updated = checksum_update(checksum, BE16(before), BE16(after));

			if (be16_get(updated) != slow_checksum(other, new, 2))
				fail_msg("%04x: from %04x to %04x: %04x", be16_get(checksum),
					before, after, be16_get(updated));
		}
}

int main(void)
{
	SUITE_ADD(sums, test_sum);
	SUITE_ADD(folds, test_fold);
	SUITE_ADD(updates, test_update);
	SUITE_ADD(pseudos, test_pseudo);
	SUITE_ADD(pseudos6, test_pseudo6);
	SUITE_ADD(bigs, test_big);
	suite_add("parts: cut at each byte of each length", test_parts);
	suite_add("update: equals the sum made anew", test_update_all);
	return suite_run("checksum");
}
