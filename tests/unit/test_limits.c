/* SPDX-License-Identifier: BSD-3-Clause */
/* Whom the rate limits count together: a bucket of one token, which two senders share or not. */
#include <rte_eal.h>
#include <rte_malloc.h>

#include <udpecho/datapath/limits.h>

#include "suite.h"

#define SECOND UINT64_C(1000)
#define KEY    1

/* Two senders, and the first bit in which they differ. */
struct pair_case {
	const char *about;
	struct ip_address first, second;
	unsigned int same_bits; /* of the address of its family */
};

#define V6(a, b, c, d)                                     \
	{                                                  \
		{                                          \
			BE32(a), BE32(b), BE32(c), BE32(d) \
		}                                          \
	}
#define V4(address) V6(0, 0, 0xffff, address)

static const struct pair_case pairs[] = {
	{"IPv4: two hosts", V4(0xc6120001), V4(0xc6120002), 30},
	{"IPv4: two nets", V4(0xc6120001), V4(0xc6120101), 23},
	{"IPv4: two halves", V4(0x46120001), V4(0xc6120001), 0},
	{"IPv6: two hosts", V6(0x20010002, 0, 0, 1), V6(0x20010002, 0, 0, 2), 126},
	{"IPv6: two hosts, by a middle bit", V6(0x20010002, 0, 0x80000000, 1),
		V6(0x20010002, 0, 0, 1), 64},
	{"IPv6: two nets", V6(0x20010002, 1, 0, 1), V6(0x20010002, 0, 0, 1), 63},
	{"IPv6: two sites", V6(0x20010002, 0x00010000, 0, 1), V6(0x20010002, 0, 0, 1), 47},
	{"IPv6: two halves", V6(0x20010002, 0, 0, 1), V6(0xa0010002, 0, 0, 1), 0},
};

static enum verdict apply(
	struct limits *limits, enum verdict verdict, struct ip_address source, uint64_t now)
{
	const struct datagram datagram = {.source = source};

	return limits_apply(limits, verdict, &datagram, now);
}

/* Each length of a prefix. The key is such that no two prefixes here have one bucket by chance. */
static void test_pair(void **state)
{
	const struct pair_case *row = *state;
	const unsigned int bits = ip_address_bits(row->first);

	for (unsigned int length = 0; length <= bits; length++) {
		const struct limits_config config = {.echo = {1, 1},
			.prefix_length = bits == 32 ? length : 0,
			.prefix6_length = bits == 128 ? length : 0};
		struct limits *limits = limits_create(&config, SECOND, KEY, SOCKET_ID_ANY);

		assert_non_null(limits);
		assert_int_equal(
			apply(limits, VERDICT_UDP_ECHO, row->first, SECOND), VERDICT_UDP_ECHO);
		assert_int_equal(
			apply(limits, VERDICT_UDP_ECHO, row->first, SECOND), VERDICT_RATE_LIMIT);
		assert_int_equal(apply(limits, VERDICT_UDP_ECHO, row->second, SECOND),
			length <= row->same_bits ? VERDICT_RATE_LIMIT : VERDICT_UDP_ECHO);
		assert_int_equal(
			apply(limits, VERDICT_UDP_ECHO, row->first, 2 * SECOND), VERDICT_UDP_ECHO);
		rte_free(limits);
	}
}

/* Replies of other kinds have a bucket each, whoever asks. */
static void test_kinds(void **state)
{
	static const enum verdict kinds[] = {
		VERDICT_ICMP_ECHO, VERDICT_ARP_REPLY, VERDICT_ND_REPLY};
	const struct limits_config config = {.icmp_arp = {1, 1}, .unreachable = {1, 1}};
	struct limits *limits = limits_create(&config, SECOND, KEY, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(limits);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		assert_int_equal(apply(limits, kinds[i], pairs[0].first, SECOND), kinds[i]);
		assert_int_equal(
			apply(limits, kinds[i], pairs[3].first, SECOND), VERDICT_RATE_LIMIT);
	}
	assert_int_equal(apply(limits, VERDICT_ICMP_UNREACHABLE, pairs[0].first, SECOND),
		VERDICT_ICMP_UNREACHABLE);
	assert_int_equal(
		apply(limits, VERDICT_ICMP_UNREACHABLE, pairs[3].first, SECOND), VERDICT_UDP_PORT);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(
			apply(limits, VERDICT_UDP_ECHO, pairs[0].first, SECOND), VERDICT_UDP_ECHO);
		assert_int_equal(apply(limits, VERDICT_UDP_CHECKSUM, pairs[0].first, SECOND),
			VERDICT_UDP_CHECKSUM);
	}
	rte_free(limits);
}

int main(void)
{
	char *arguments[] = {"test_limits", "--no-huge", "-m", "64", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l0", "--log-level=error"};
	int result;

	if (rte_eal_init(COUNT(arguments), arguments) < 0)
		return 1;
	SUITE_ADD(pairs, test_pair);
	suite_add("kinds: a bucket each", test_kinds);
	result = suite_run("limits");
	rte_eal_cleanup();
	return result;
}
