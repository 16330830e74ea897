/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <string.h>

#include "check.h"
#include "suite.h"

/*
 * Each row of the verdict table that packet_answer() gives: FRAME with EDIT earns it, and with
 * NEIGHBOUR, which differs in that one field (or byte of length), it does not.
 */
struct verdict_case {
	const char *about;
	enum verdict verdict;
	const char *frame;
	struct edit edit, neighbour;
	unsigned int mend;
	enum verdict neighbours;
	enum who who;
};

#define ROW(name) VERDICT_##name

static const struct verdict_case cases[] = {
	{"udp-echo: the port is served", ROW(UDP_ECHO), ECHO, {AT_UDP_DESTINATION, "0007"},
		{AT_UDP_DESTINATION, "0008"}, MEND_L4, .neighbours = ROW(UDP_PORT)},
	{"arp-reply: for our address", ROW(ARP_REPLY), ARP, {AT_ARP_TARGET, "c6120002"},
		{AT_ARP_TARGET, "c6120003"}, 0, .neighbours = ROW(ARP_IGNORED)},
	{"icmp-echo: an echo request", ROW(ICMP_ECHO), PING, {AT_ICMP_TYPE, "08"},
		{AT_ICMP_TYPE, "00"}, MEND_L4, .neighbours = ROW(ICMP_IGNORED)},
	{"icmp-unreachable: the port is not served", ROW(ICMP_UNREACHABLE), ECHO,
		{AT_UDP_DESTINATION, "0008"}, {AT_UDP_DESTINATION, "0007"}, MEND_L4,
		.neighbours = ROW(UDP_ECHO), .who = WHO_REPORTS},
	{"eth-runt: a tag is announced", ROW(ETH_RUNT), TO_US "0000", {AT_ETH_TYPE, "8100"},
		{AT_ETH_TYPE, "9100"}, 0, .neighbours = ROW(ETH_TYPE)},
	{"eth-not-for-us: another station's", ROW(ETH_NOT_FOR_US), ECHO,
		{AT_ETH_DESTINATION, "020000000003"}, {AT_ETH_DESTINATION, US}, 0,
		.neighbours = ROW(UDP_ECHO)},
	{"eth-not-for-us: from a group", ROW(ETH_NOT_FOR_US), ECHO, {AT_ETH_SOURCE, "030000000001"},
		{AT_ETH_SOURCE, THEM}, 0, .neighbours = ROW(UDP_ECHO)},
	{"eth-not-for-us: broadcast that is no ARP", ROW(ETH_NOT_FOR_US), ARP,
		{AT_ETH_TYPE, "0800"}, {AT_ETH_TYPE, "0806"}, 0, .neighbours = ROW(ARP_REPLY)},
	{"eth-type: MPLS", ROW(ETH_TYPE), ECHO, {AT_ETH_TYPE, "8847"}, {AT_ETH_TYPE, "0800"}, 0,
		.neighbours = ROW(UDP_ECHO)},
	{"eth-superframe: longer than the MTU", ROW(ETH_SUPERFRAME),
		TO_US "0800 4500 0029 1234 0000 39 11 0000 c6120001 c6120002 " ECHO_UDP "00",
		{AT_UDP_CHECKSUM, "8c4d"}, {AT_UDP_CHECKSUM, "c069"}, MEND_IP,
		.neighbours = ROW(UDP_ECHO), .who = WHO_PARTIAL},
	{"arp-ignored: a reply", ROW(ARP_IGNORED), ARP, {AT_ARP_OPERATION, "0002"},
		{AT_ARP_OPERATION, "0001"}, 0, .neighbours = ROW(ARP_REPLY)},
	{"ip-malformed: version", ROW(IP_MALFORMED), ECHO, {AT_IP_VERSION, "55"},
		{AT_IP_VERSION, "45"}, MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"ip-malformed: IHL 4", ROW(IP_MALFORMED), ECHO, {AT_IP_VERSION, "44"},
		{AT_IP_VERSION, "45"}, MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"ip-malformed: total length", ROW(IP_MALFORMED), ECHO, {AT_IP_LENGTH, "0029"},
		{AT_IP_LENGTH, "0028"}, MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"ip-checksum", ROW(IP_CHECKSUM), ECHO, {AT_IP_CHECKSUM, "e368"}, {AT_IP_CHECKSUM, "e369"},
		0, .neighbours = ROW(UDP_ECHO)},
	{"ip-not-for-us", ROW(IP_NOT_FOR_US), ECHO, {AT_IP_DESTINATION, "c6120003"},
		{AT_IP_DESTINATION, "c6120002"}, MEND_BOTH, .neighbours = ROW(UDP_ECHO)},
	{"ip-source: our own", ROW(IP_SOURCE), ECHO, {AT_IP_SOURCE, "c6120002"},
		{AT_IP_SOURCE, "c6120001"}, MEND_BOTH, .neighbours = ROW(UDP_ECHO)},
	{"ip-options: source route", ROW(IP_OPTIONS),
		TO_US "0800 4600 002c 1234 0000 39 11 0000 c6120001 c6120002 00000000" ECHO_UDP,
		{34, "83030400"}, {34, "82030400"}, MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"ip-fragment: more follow, and it is no multiple of 8", ROW(IP_FRAGMENT), ECHO,
		{AT_IP_FRAGMENT, "2000"}, {AT_IP_FRAGMENT, "4000"}, MEND_IP,
		.neighbours = ROW(UDP_ECHO)},
	{"ip-fragment-kept: the last", ROW(IP_FRAGMENT_KEPT), ECHO, {AT_IP_FRAGMENT, "0001"},
		{AT_IP_FRAGMENT, "0000"}, MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"ip-protocol: TCP", ROW(IP_PROTOCOL), ECHO, {AT_IP_PROTOCOL, "06"}, {AT_IP_PROTOCOL, "11"},
		MEND_IP, .neighbours = ROW(UDP_ECHO)},
	{"icmp-ignored: code 1", ROW(ICMP_IGNORED), PING, {AT_ICMP_CODE, "01"},
		{AT_ICMP_CODE, "00"}, MEND_L4, .neighbours = ROW(ICMP_ECHO)},
	{"icmp-ignored: a bad checksum", ROW(ICMP_IGNORED), PING, {AT_ICMP_CHECKSUM, "e10f"},
		{AT_ICMP_CHECKSUM, "e110"}, 0, .neighbours = ROW(ICMP_ECHO)},
	{"nd-reply: for our address", ROW(ND_REPLY), SOLICITATION, {62, OURS6}, {62, PEER6},
		MEND_BOTH, .neighbours = ROW(ND_IGNORED)},
	{"nd-ignored: through a router", ROW(ND_IGNORED), SOLICITATION, {AT_IP6_HOP_LIMIT, "fe"},
		{AT_IP6_HOP_LIMIT, "ff"}, MEND_BOTH, .neighbours = ROW(ND_REPLY)},
	{"udp-malformed: under 8", ROW(UDP_MALFORMED), ECHO, {AT_UDP_LENGTH, "0007"},
		{AT_UDP_LENGTH, "0008"}, MEND_L4, .neighbours = ROW(UDP_ECHO)},
	{"udp-malformed: beyond the packet", ROW(UDP_MALFORMED), ECHO, {AT_UDP_LENGTH, "0015"},
		{AT_UDP_LENGTH, "0014"}, MEND_L4, .neighbours = ROW(UDP_ECHO)},
	{"udp-checksum", ROW(UDP_CHECKSUM), ECHO, {AT_UDP_CHECKSUM, "c068"},
		{AT_UDP_CHECKSUM, "c069"}, 0, .neighbours = ROW(UDP_ECHO)},
	{"udp-checksum: absent is not wrong", ROW(UDP_CHECKSUM), ECHO, {AT_UDP_CHECKSUM, "0001"},
		{AT_UDP_CHECKSUM, "0000"}, 0, .neighbours = ROW(UDP_ECHO)},
	{"udp-port", ROW(UDP_PORT), ECHO, {AT_UDP_DESTINATION, "0006"},
		{AT_UDP_DESTINATION, "0007"}, MEND_L4, .neighbours = ROW(UDP_ECHO)},
	{"udp-source-port: chargen", ROW(UDP_SOURCE_PORT), ECHO, {AT_UDP_SOURCE, "0013"},
		{AT_UDP_SOURCE, "0014"}, MEND_L4, .neighbours = ROW(UDP_ECHO)},
	{"acl: the source is denied", ROW(ACL), ECHO, {AT_IP_SOURCE, "c6120001"},
		{AT_IP_SOURCE, "c6120003"}, MEND_BOTH, .neighbours = ROW(UDP_ECHO),
		.who = WHO_DENIES},
	{"udp-ttl: the last hop", ROW(UDP_TTL), ECHO, {AT_IP_TTL, "01"}, {AT_IP_TTL, "02"}, MEND_IP,
		.neighbours = ROW(UDP_ECHO), .who = WHO_ANY},
};

static void check(const struct verdict_case *row, const struct edit *edit, enum verdict expected)
{
	const struct edit edits[] = {*edit, {0, NULL}};
	const struct bytes frame = frame_bytes(row->frame, edits, row->mend);

	assert_string_equal(verdict_name(check_laws(&frame, row->who)), verdict_name(expected));
}

static void test_verdict(void **state)
{
	const struct verdict_case *row = *state;

	assert_int_not_equal(row->verdict, row->neighbours);
	check(row, &row->edit, row->verdict);
	check(row, &row->neighbour, row->neighbours);
}

/* Frames of every length get eth-runt up to 13 bytes, and then no more. */
static void test_runt(void **state)
{
	struct bytes frame = bytes_of(ECHO);

	(void)state;
	for (frame.length = 0; frame.length <= 54; frame.length++)
		assert_int_equal(
			check_laws(&frame, WHO_ECHO) == VERDICT_ETH_RUNT, frame.length < 14);
}

static void test_complete(void **state)
{
	(void)state;
	for (unsigned int verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		bool earned = verdict == VERDICT_RATE_LIMIT; /* needs a clock: not packet's */

		for (size_t i = 0; i < COUNT(cases); i++)
			earned |= cases[i].verdict == verdict;
		if (!earned)
			fail_msg("%s: no frame earns it here", verdict_name(verdict));
	}
}

/* People script against the names. */
struct name_case {
	const char *about;
	enum verdict verdict;
	enum verdict_kind kind;
};

static const struct name_case names[] = {
	{"udp-echo", ROW(UDP_ECHO), VERDICT_KIND_REPLY},
	{"arp-reply", ROW(ARP_REPLY), VERDICT_KIND_REPLY},
	{"icmp-echo", ROW(ICMP_ECHO), VERDICT_KIND_REPLY},
	{"icmp-unreachable", ROW(ICMP_UNREACHABLE), VERDICT_KIND_REPLY},
	{"nd-reply", ROW(ND_REPLY), VERDICT_KIND_REPLY},
	{"eth-runt", ROW(ETH_RUNT), VERDICT_KIND_DROP},
	{"eth-not-for-us", ROW(ETH_NOT_FOR_US), VERDICT_KIND_DROP},
	{"eth-type", ROW(ETH_TYPE), VERDICT_KIND_DROP},
	{"eth-superframe", ROW(ETH_SUPERFRAME), VERDICT_KIND_DROP},
	{"arp-ignored", ROW(ARP_IGNORED), VERDICT_KIND_DROP},
	{"ip-malformed", ROW(IP_MALFORMED), VERDICT_KIND_DROP},
	{"ip-checksum", ROW(IP_CHECKSUM), VERDICT_KIND_DROP},
	{"ip-not-for-us", ROW(IP_NOT_FOR_US), VERDICT_KIND_DROP},
	{"ip-source", ROW(IP_SOURCE), VERDICT_KIND_DROP},
	{"ip-options", ROW(IP_OPTIONS), VERDICT_KIND_DROP},
	{"ip-fragment", ROW(IP_FRAGMENT), VERDICT_KIND_DROP},
	{"ip-fragment-kept", ROW(IP_FRAGMENT_KEPT), VERDICT_KIND_KEEP},
	{"ip-protocol", ROW(IP_PROTOCOL), VERDICT_KIND_DROP},
	{"icmp-ignored", ROW(ICMP_IGNORED), VERDICT_KIND_DROP},
	{"nd-ignored", ROW(ND_IGNORED), VERDICT_KIND_DROP},
	{"udp-malformed", ROW(UDP_MALFORMED), VERDICT_KIND_DROP},
	{"udp-checksum", ROW(UDP_CHECKSUM), VERDICT_KIND_DROP},
	{"udp-port", ROW(UDP_PORT), VERDICT_KIND_DROP},
	{"udp-source-port", ROW(UDP_SOURCE_PORT), VERDICT_KIND_DROP},
	{"udp-ttl", ROW(UDP_TTL), VERDICT_KIND_DROP},
	{"acl", ROW(ACL), VERDICT_KIND_DROP},
	{"rate-limit", ROW(RATE_LIMIT), VERDICT_KIND_DROP},
};

/* A name is a JSON key and a metric's label; a text is one line and not the name again. */
static void test_name(void **state)
{
	const struct name_case *row = *state;
	const char *text = verdict_text(row->verdict);

	assert_string_equal(verdict_name(row->verdict), row->about);
	assert_int_equal(verdict_kind(row->verdict), row->kind);
	assert_true(strlen(text) > strlen(row->about));
	for (; *text != '\0'; text++)
		assert_true(isprint((unsigned char)*text) && *text != '"' && *text != '\\');
}

static void test_names_complete(void **state)
{
	(void)state;
	assert_int_equal(COUNT(names), VERDICT_COUNT);
}

int main(void)
{
	SUITE_ADD(cases, test_verdict);
	SUITE_ADD(names, test_name);
	suite_add("eth-runt: every length", test_runt);
	suite_add("each verdict of the table is earned", test_complete);
	suite_add("each verdict of the table is named", test_names_complete);
	return suite_run("verdict");
}
