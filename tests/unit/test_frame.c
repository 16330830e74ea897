/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suite.h"

/* Frames cut into the contiguous part and three more, at every three places. */
struct cut_case {
	const char *about;
	const char *frame;
	unsigned int mend;
	enum verdict verdict;
	const char *reply;
};

static const struct cut_case cut_cases[] = {
	{"cut: a datagram", ECHO, 0, VERDICT_UDP_ECHO, ECHO_REPLY},
	{"cut: a datagram, padded", ECHO "5a5b5c", 0, VERDICT_UDP_ECHO, ECHO_REPLY},
	{"cut: a datagram with options",
		TO_US "0800 4600 002c 1234 0000 39 11 0000 c6120001 c6120002 01010101" ECHO_UDP,
		MEND_IP, VERDICT_UDP_ECHO, ECHO_REPLY},
	{"cut: a datagram with an odd length",
		TO_US "0800 4500 0027 1234 0000 39 11 e36a c6120001 c6120002 "
		      "9c40 0007 0013 e16a 48656c6c6f2c206563686f",
		MEND_BOTH, VERDICT_UDP_ECHO,
		TO_THEM "0800 4500 0027 1234 0000 40 11 dc6a c6120002 c6120001 "
			"0007 9c40 0013 c08c 48656c6c6f2c206563686f"},
	{"cut: a datagram whose last byte is wrong",
		TO_US "0800 " ECHO_IP "9c40 0007 0014 c069 48656c6c6f2c206563686f22", 0,
		VERDICT_UDP_CHECKSUM, NULL},
	{"cut: a ping", PING, 0, VERDICT_ICMP_ECHO, PING_REPLY},
	{"cut: a ping of zeros",
		TO_US "0800 4500 0025 1234 0000 39 01 0000 c6120001 c6120002 "
		      "0800 f7ff 0000 0000 000000000000000000",
		MEND_IP, VERDICT_ICMP_ECHO,
		TO_THEM "0800 4500 0025 1234 0000 40 01 dc7c c6120002 c6120001 "
			"0000 ffff 0000 0000 000000000000000000"},
	{"cut: ARP", ARP, 0, VERDICT_ARP_REPLY, ARP_ANSWERED},
};

static void test_cut(void **state)
{
	const struct cut_case *row = *state;
	const struct bytes request = frame_bytes(row->frame, NULL, row->mend);
	const struct bytes reply = bytes_of(row->reply != NULL ? row->reply : "");

	for (uint32_t a = 0; a <= request.length; a++)
		for (uint32_t b = a; b <= request.length; b++)
			for (uint32_t c = b; c <= request.length; c++)
				check_answer(&request,
					&(struct arrival){.cut_count = 3, .cuts = {a, b, c}},
					WHO_ECHO, verdict_when_cut(&request, row->verdict, a),
					row->reply != NULL ? &reply : NULL);
}

/* frame_checksum() over a part of a frame; the sum equals that of the part in one run. */
struct part_case {
	const char *about;
	uint32_t offset, length;
};

#define PARTS_LENGTH 23

static const struct part_case parts[] = {
	{"sum: all of it", 0, PARTS_LENGTH},
	{"sum: nothing", 0, 0},
	{"sum: one byte", 0, 1},
	{"sum: from an odd offset on", 3, PARTS_LENGTH - 3},
	{"sum: from an even offset on", 4, PARTS_LENGTH - 4},
	{"sum: up to before the end", 2, 9},
	{"sum: from odd to odd", 5, 10},
};

static void check_part(const struct part_case *row, const uint8_t *data, const uint32_t *cuts)
{
	uint8_t *const first = malloc(cuts[0]);
	uint8_t *const second = malloc(cuts[1] - cuts[0]);
	uint8_t *const third = malloc(PARTS_LENGTH - cuts[1]);
	const struct segment rest[] = {
		{second, cuts[1] - cuts[0]}, {third, PARTS_LENGTH - cuts[1]}};
	const struct frame frame = {
		.data = first, .contiguous = cuts[0], .length = PARTS_LENGTH, .rest = rest};
	checksum_sum sum;

	memcpy(first, data, cuts[0]);
	memcpy(second, data + cuts[0], cuts[1] - cuts[0]);
	memcpy(third, data + cuts[1], PARTS_LENGTH - cuts[1]);
	sum = frame_checksum(&frame, row->offset, row->length, 0);
	assert_int_equal(
		be16_get(checksum_finish(sum)), slow_checksum(0, data + row->offset, row->length));
	/* What was summed before stays in the sum. */
	sum = frame_checksum(&frame, row->offset, row->length, BE16(0x1234).raw);
	assert_int_equal(be16_get(checksum_finish(sum)),
		slow_checksum(0x1234, data + row->offset, row->length));
	free(first);
	free(second);
	free(third);
}

static void test_part(void **state)
{
	const struct part_case *row = *state;
	uint8_t data[PARTS_LENGTH];

	for (uint32_t i = 0; i < PARTS_LENGTH; i++)
		data[i] = (uint8_t)(i * 59 + 77);
	for (uint32_t a = row->offset; a <= PARTS_LENGTH; a++)
		for (uint32_t b = a; b <= PARTS_LENGTH; b++)
			check_part(row, data, (const uint32_t[]){a, b});
}

/* Every frame of one changed bit: the laws hold whatever becomes of it. */
static void test_bits(void **state)
{
	static const char *const frames[] = {
		ECHO "5a", PING "5a", ARP "5a", TO_US "8100 0001 0800 " ECHO_IP ECHO_UDP};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct bytes frame = bytes_of(frames[i]);

		for (uint32_t bit = 0; bit < frame.length * 8; bit++) {
			frame.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check_laws(&frame, WHO_ECHO);
			check_laws(&frame, WHO_ANY);
			frame.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* Bits of a header changed, and the checksums made right again: deeper than chance would reach. */
static void test_mended_bits(void **state)
{
	(void)state;
	for (unsigned int bit = 14 * 8; bit < 42 * 8; bit++)
		for (unsigned int other = bit; other < 42 * 8; other++) {
			struct bytes frame = bytes_of(ECHO "5a5b");
			const uint32_t ihl_bytes = 4;
			uint16_t sum;

			frame.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (other != bit)
				frame.data[other / 8] ^= (uint8_t)(1 << other % 8);
			frame.data[40] = frame.data[41] = 0;
			frame.data[24] = frame.data[25] = 0;
			sum = slow_checksum(0, frame.data + 14, (frame.data[14] & 15) * ihl_bytes);
			frame.data[24] = (uint8_t)(sum >> 8);
			frame.data[25] = (uint8_t)sum;
			check_laws(&frame, WHO_ECHO);
		}
}

int main(void)
{
	SUITE_ADD(parts, test_part);
	SUITE_ADD(cut_cases, test_cut);
	suite_add("laws: every bit changed", test_bits);
	suite_add("laws: every two header bits changed, the checksum right", test_mended_bits);
	return suite_run("frame");
}
