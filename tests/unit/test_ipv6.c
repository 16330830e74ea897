/* SPDX-License-Identifier: BSD-3-Clause */
#include "check.h"
#include "suite.h"

#define REPLIED \
	MEND_BOTH, .verdict = VERDICT_UDP_ECHO, .reply = ECHO6_REPLY, .reply_mend = MEND_BOTH
#define DROPPED(name) MEND_BOTH, .verdict = VERDICT_##name
#define NO_EDIT           \
	{                 \
		{         \
			0 \
		}         \
	}

/* An echo behind extension headers, the first of which is of the type NEXT. */
#define BEHIND(next, headers)             \
	TO_US IP6(next, "39", FROM_PEER6) \
	headers UDP6
#define PADDING "0104 00000000 "

/* RFC 8200 section 3. */
static const struct frame_case lengths[] = {
	{"lengths: echo", ECHO6, NO_EDIT, REPLIED},
	{"lengths: padding is not sent back", ECHO6 "aabbccdd", {{AT_IP6_LENGTH, "0014"}}, MEND_L4,
		.verdict = VERDICT_UDP_ECHO, .reply = ECHO6_REPLY, .reply_mend = MEND_BOTH},
	{"lengths: one byte more than there is", ECHO6, {{AT_IP6_LENGTH, "0015"}},
		.verdict = VERDICT_IP_MALFORMED},
	{"lengths: surplus behind the datagram is not sent back", ECHO6 "aa", NO_EDIT, REPLIED},
	{"lengths: no payload", TO_US IP6("11", "39", FROM_PEER6), NO_EDIT, DROPPED(UDP_MALFORMED)},
	{"lengths: no payload, and no next header", TO_US IP6("3b", "39", FROM_PEER6), NO_EDIT,
		DROPPED(IP_PROTOCOL)},
	{"lengths: 65535", ECHO6, {{AT_IP6_LENGTH, "ffff"}}, .verdict = VERDICT_IP_MALFORMED},
	{"version 4", ECHO6, {{AT_IP6_VERSION, "40"}}, DROPPED(IP_MALFORMED)},
	{"version 7", ECHO6, {{AT_IP6_VERSION, "70"}}, DROPPED(IP_MALFORMED)},
	{"traffic class and flow label are kept", ECHO6, {{AT_IP6_VERSION, "6b8abcde"}}, REPLIED,
		.reply_edits = {{AT_IP6_VERSION, "6b8abcde"}}},
	{"behind two tags", TO_US "88a8 0001 8100 0002 " IP6("11", "39", FROM_PEER6) UDP6, NO_EDIT,
		MEND_BOTH, .verdict = VERDICT_UDP_ECHO,
		.reply = TO_THEM "88a8 0001 8100 0002 " IP6("11", "40", TO_PEER6) UDP6_BACK,
		.reply_mend = MEND_BOTH},
	{"hop limit 0 does not end here", ECHO6, {{AT_IP6_HOP_LIMIT, "00"}}, REPLIED},
	{"hop limit 255", ECHO6, {{AT_IP6_HOP_LIMIT, "ff"}}, REPLIED},
	{"a hop limit of our own", ECHO6, NO_EDIT, REPLIED, .who = WHO_TTL_9,
		.reply_edits = {{AT_IP6_HOP_LIMIT, "09"}}},
	{"every port is served: one less", ECHO6, NO_EDIT, REPLIED, .who = WHO_ANY,
		.reply_edits = {{AT_IP6_HOP_LIMIT, "38"}}},
	{"every port is served: none is left", ECHO6, {{AT_IP6_HOP_LIMIT, "01"}}, DROPPED(UDP_TTL),
		.who = WHO_ANY},
};

/* RFC 4291. */
static const struct frame_case addresses[] = {
	{"to: our other address", ECHO6, {{AT_IP6_DESTINATION, OTHER6}}, REPLIED,
		.reply_edits = {{AT_IP6_SOURCE, OTHER6}}},
	{"to: next to ours", ECHO6, {{AT_IP6_DESTINATION + 15, "03"}}, DROPPED(IP_NOT_FOR_US)},
	{"to: ours but for the first byte", ECHO6, {{AT_IP6_DESTINATION, "21"}},
		DROPPED(IP_NOT_FOR_US)},
	{"to: ours, but we have none", ECHO6, NO_EDIT, DROPPED(IP_NOT_FOR_US), .who = WHO_NOBODY},
	{"to: nobody", ECHO6, {{AT_IP6_DESTINATION, NOBODY6}}, DROPPED(IP_NOT_FOR_US)},
	{"to: ours, as an IPv4 address", ECHO6,
		{{AT_IP6_DESTINATION, "00000000000000000000ffffc6120002"}}, DROPPED(IP_NOT_FOR_US)},
	{"to: ours, under all nodes' MAC", ECHO6, {{AT_ETH_DESTINATION, ALL_NODES_MAC}},
		DROPPED(IP_NOT_FOR_US)},
	{"to: all nodes: no datagram is for a group", ECHO6, {{AT_IP6_DESTINATION, ALL_NODES6}},
		DROPPED(IP_NOT_FOR_US)},
	{"to: our solicited-node group", ECHO6, {{AT_IP6_DESTINATION, SOLICITED6}},
		DROPPED(IP_NOT_FOR_US)},
	{"to: all nodes, and no protocol of ours", ECHO6,
		{{AT_IP6_DESTINATION, ALL_NODES6}, {AT_IP6_NEXT, "06"}}, DROPPED(IP_NOT_FOR_US)},
	{"to: all nodes, a fragment",
		TO_US IP6("2c", "39", PEER6 ALL_NODES6) "3a000001 00000001" HELLO "00000000",
		NO_EDIT, DROPPED(IP_NOT_FOR_US)},
	{"from: nobody", ECHO6, {{AT_IP6_SOURCE, NOBODY6}}, DROPPED(IP_SOURCE)},
	{"from: nobody, to all nodes", PING6,
		{{AT_IP6_SOURCE, NOBODY6}, {AT_IP6_DESTINATION, ALL_NODES6}}, DROPPED(IP_SOURCE)},
	{"from: nobody, to our solicited-node group", PING6,
		{{AT_IP6_SOURCE, NOBODY6}, {AT_IP6_DESTINATION, SOLICITED6}},
		DROPPED(ICMP_IGNORED)},
	{"from: loopback", ECHO6, {{AT_IP6_SOURCE, "00000000000000000000000000000001"}},
		DROPPED(IP_SOURCE)},
	{"from: ::2", ECHO6, {{AT_IP6_SOURCE, "00000000000000000000000000000002"}}, REPLIED,
		.reply_edits = {{AT_IP6_DESTINATION, "00000000000000000000000000000002"}}},
	{"from: ::1:0:0:ffff:c612:1, which is no IPv4 address", ECHO6,
		{{AT_IP6_SOURCE, "00000000000000010000ffffc6120001"}}, REPLIED,
		.reply_edits = {{AT_IP6_DESTINATION, "00000000000000010000ffffc6120001"}}},
	{"from: a group", ECHO6, {{AT_IP6_SOURCE, "ff"}}, DROPPED(IP_SOURCE)},
	{"from: fe00::, which is no group", ECHO6, {{AT_IP6_SOURCE, "fe"}}, REPLIED,
		.reply_edits = {{AT_IP6_DESTINATION, "fe"}}},
	{"from: an IPv4 address", ECHO6, {{AT_IP6_SOURCE, "00000000000000000000ffffc6120001"}},
		DROPPED(IP_SOURCE)},
	{"from: ourselves", ECHO6, {{AT_IP6_SOURCE, OURS6}}, DROPPED(IP_SOURCE)},
	{"from: our other address", ECHO6, {{AT_IP6_SOURCE, OTHER6}}, DROPPED(IP_SOURCE)},
};

static const struct frame_case groups[] = {
	{"group: all routers", PING6,
		{{AT_IP6_DESTINATION + 15, "02"}, {AT_IP6_DESTINATION, "ff02"}},
		DROPPED(IP_NOT_FOR_US)},
	{"group: all nodes", PING6, {{AT_IP6_DESTINATION, ALL_NODES6}}, DROPPED(ICMP_IGNORED)},
	{"group: all nodes of the interface", PING6,
		{{AT_IP6_DESTINATION, "ff010000000000000000000000000001"}}, DROPPED(IP_NOT_FOR_US)},
	{"group: the second 32 bits", PING6,
		{{AT_IP6_DESTINATION, "ff020000000000010000000000000001"}}, DROPPED(IP_NOT_FOR_US)},
	{"group: all routers, which is no solicited-node group", PING6,
		{{AT_IP6_DESTINATION, "ff020000000000000000000000000002"}}, DROPPED(IP_NOT_FOR_US)},
	{"group: the third 32 bits", PING6,
		{{AT_IP6_DESTINATION, "ff0200000000000000000002ff000002"}}, DROPPED(IP_NOT_FOR_US)},
	{"group: the solicited-node group of others", PING6,
		{{AT_IP6_DESTINATION, "ff0200000000000000000001ff000003"}}, DROPPED(IP_NOT_FOR_US)},
	{"group: the solicited-node group of our other address", PING6,
		{{AT_IP6_DESTINATION, "ff0200000000000000000001ff000009"}}, DROPPED(ICMP_IGNORED)},
};

/* RFC 8200 section 4. */
#define DESTINATION(next) next "00 " PADDING
static const struct frame_case extensions[] = {
	{"extensions: hop-by-hop options", BEHIND("00", "1100 " PADDING), NO_EDIT, REPLIED},
	{"extensions: destination options", BEHIND("3c", "1100 " PADDING), NO_EDIT, REPLIED},
	{"extensions: a routing header, followed", BEHIND("2b", "1100 0000 00000000"), NO_EDIT,
		REPLIED},
	{"extensions: a routing header with addresses", BEHIND("2b", "1102 0400 00000000" PEER6),
		NO_EDIT, REPLIED},
	{"extensions: a segment is left", BEHIND("2b", "1100 0001 00000000"), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"extensions: an atomic fragment", BEHIND("2c", "1100 0000 12345678"), NO_EDIT, REPLIED},
	{"extensions: an atomic fragment, reserved bits", BEHIND("2c", "11ff 0006 12345678"),
		NO_EDIT, REPLIED},
	{"extensions: options behind an atomic fragment",
		BEHIND("2c", "3c00 0000 12345678 1100 " PADDING), NO_EDIT, REPLIED},
	{"extensions: two fragment headers", BEHIND("2c", "2c00 0000 12345678 1100 0000 12345678"),
		NO_EDIT, DROPPED(IP_OPTIONS)},
	{"extensions: hop-by-hop options behind others",
		BEHIND("3c", DESTINATION("00") DESTINATION("11")), NO_EDIT, DROPPED(IP_OPTIONS)},
	{"extensions: hop-by-hop options, and others",
		BEHIND("00", DESTINATION("3c") DESTINATION("11")), NO_EDIT, REPLIED},
	{"extensions: eight",
		BEHIND("3c", DESTINATION("3c") DESTINATION("3c") DESTINATION("3c") DESTINATION("3c")
				     DESTINATION("3c") DESTINATION("3c") DESTINATION("3c")
					     DESTINATION("11")),
		NO_EDIT, REPLIED},
	{"extensions: nine",
		BEHIND("3c", DESTINATION("3c") DESTINATION("3c") DESTINATION("3c") DESTINATION("3c")
				     DESTINATION("3c") DESTINATION("3c") DESTINATION("3c")
					     DESTINATION("3c") DESTINATION("11")),
		NO_EDIT, DROPPED(IP_OPTIONS)},
	{"extensions: 7 bytes of one", TO_US IP6("3c", "39", FROM_PEER6) "1100 01 03 000000",
		NO_EDIT, DROPPED(IP_OPTIONS)},
	{"extensions: the length is beyond the packet", BEHIND("3c", "1103 " PADDING), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"extensions: the length is beyond the packet, not the frame",
		TO_US IP6("3c", "39", FROM_PEER6) "1101 " PADDING "00000000 00000000",
		{{AT_IP6_LENGTH, "000f"}}, .verdict = VERDICT_IP_OPTIONS},
	{"extensions: up to the packet's end", TO_US IP6("3c", "39", FROM_PEER6) "3b00 " PADDING,
		NO_EDIT, DROPPED(IP_PROTOCOL)},
	{"extensions: authentication is none", BEHIND("33", "1104 00000000 0000"), NO_EDIT,
		DROPPED(IP_PROTOCOL)},
	{"extensions: TCP behind one", BEHIND("3c", "0600 " PADDING), NO_EDIT,
		DROPPED(IP_PROTOCOL)},
	{"extensions: ICMP of IPv4", BEHIND("01", ""), NO_EDIT, DROPPED(IP_PROTOCOL)},
};

/* RFC 8200 4.2. */
#define OPTIONS(options) BEHIND("3c", "1100 " options)
static const struct frame_case options[] = {
	{"options: a byte of padding, six times", OPTIONS("000000000000"), NO_EDIT, REPLIED},
	{"options: padding of two bytes", OPTIONS("0100 0100 0100"), NO_EDIT, REPLIED},
	{"options: unknown, to be skipped", OPTIONS("1e02aaaa 0000"), NO_EDIT, REPLIED},
	{"options: unknown, changeable, to be skipped", OPTIONS("3e04aaaaaaaa"), NO_EDIT, REPLIED},
	{"options: unknown, to be discarded", OPTIONS("5e04aaaaaaaa"), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"options: unknown, to be reported", OPTIONS("9e04aaaaaaaa"), NO_EDIT, DROPPED(IP_OPTIONS)},
	{"options: Jumbo", BEHIND("00", "1100 c204 00010000"), NO_EDIT, DROPPED(IP_OPTIONS)},
	{"options: a byte too long", OPTIONS("0105 00000000"), NO_EDIT, DROPPED(IP_OPTIONS)},
	{"options: a second one, a byte too long", OPTIONS("0100 0103 0000"), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"options: no room for the length", OPTIONS("0000000000 01"), NO_EDIT, DROPPED(IP_OPTIONS)},
	{"options: a byte of padding before another", OPTIONS("001e 03aaaaaa"), NO_EDIT, REPLIED},
	{"options: a refused one as another's data", OPTIONS("0104 c2040000"), NO_EDIT, REPLIED},
	{"options: a refused one behind another", OPTIONS("1e02 aaaa c200"), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"options: in a header of 16 bytes", BEHIND("3c", "1101 010c 00000000 00000000 00000000"),
		NO_EDIT, REPLIED},
};

/* RFC 8200 4.5. */
#define FRAGMENT(next, offset, data) \
	TO_US IP6("2c", "39", FROM_PEER6) next "00 " offset " 12345678 " data, NO_EDIT
#define DATA_8 "0102030405060708 "
static const struct frame_case fragments[] = {
	{"fragment: the first", FRAGMENT("11", "0001", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: the last", FRAGMENT("11", "0008", "01"), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: of ICMPv6", FRAGMENT("3a", "0008", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: of TCP", FRAGMENT("06", "0001", DATA_8), DROPPED(IP_PROTOCOL)},
	{"fragment: options in it", FRAGMENT("3c", "0001", DATA_8), DROPPED(IP_PROTOCOL)},
	{"fragment: not the last, and no multiple of 8", FRAGMENT("11", "0009", DATA_8 "01"),
		DROPPED(IP_FRAGMENT)},
	{"fragment: the first, and no multiple of 8", FRAGMENT("11", "0001", DATA_8 "01"),
		DROPPED(IP_FRAGMENT)},
	{"fragment: the first, and empty", FRAGMENT("11", "0001", ""), DROPPED(IP_FRAGMENT)},
	{"fragment: not the last, and empty", FRAGMENT("11", "0009", ""), DROPPED(IP_FRAGMENT)},
	{"fragment: the last, and empty", FRAGMENT("11", "0008", ""), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: up to the last byte that a length can say",
		FRAGMENT("11", "fff8", "01020304050607"), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: a byte beyond", FRAGMENT("11", "fff8", DATA_8), DROPPED(IP_FRAGMENT)},
	{"fragment: 7 bytes of its header", TO_US IP6("2c", "39", FROM_PEER6) "1100 0001 123456",
		NO_EDIT, DROPPED(IP_FRAGMENT)},
	{"fragment: behind options", BEHIND("3c", "2c00 " PADDING "1100 0009 12345678"), {{0}},
		DROPPED(IP_FRAGMENT)},
	{"fragment: from who is not allowed",
		TO_US IP6("2c", "39", FROM_PEER6) "1100 0001 12345678 " DATA_8, NO_EDIT,
		DROPPED(ACL), .who = WHO_DENIES},
};

/* Where a packet is, and what it is, as ipv6_read() gives it. */
static void test_place(void **state)
{
	struct bytes bytes = frame_bytes(TO_US
		"8100 0001 " IP6("3c", "39", FROM_PEER6) "2c00 " PADDING
							 "1100 0008 12345678 " DATA_8,
		NULL, MEND_IP);
	const struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};
	struct ip_packet packet;
	enum verdict verdict;

	(void)state;
	assert_int_equal(
		ipv6_read(&frame, identity_of(WHO_ECHO), 18, &packet, &verdict), NEXT_FRAGMENT);
	assert_int_equal(packet.family, IP_FAMILY_IPV6);
	assert_int_equal(packet.offset, 18);
	assert_int_equal(packet.fragment, 66);
	assert_int_equal(packet.payload, 74);
	assert_int_equal(packet.payload_length, 8);
	assert_int_equal(packet.protocol, 17);
}

/* The first check that fails names the verdict. */
static const struct frame_case order[] = {
	{"order: malformed before not-for-us", ECHO6,
		{{AT_IP6_VERSION, "70"}, {AT_IP6_DESTINATION, NOBODY6}}, DROPPED(IP_MALFORMED)},
	{"order: not-for-us before source", ECHO6,
		{{AT_IP6_SOURCE, NOBODY6}, {AT_IP6_DESTINATION, NOBODY6}}, DROPPED(IP_NOT_FOR_US)},
	{"order: source before options", BEHIND("3c", "1103 " PADDING), {{AT_IP6_SOURCE, NOBODY6}},
		DROPPED(IP_SOURCE)},
	{"order: options before protocol", BEHIND("3c", "0603 " PADDING), NO_EDIT,
		DROPPED(IP_OPTIONS)},
	{"order: fragment before protocol", FRAGMENT("06", "0009", DATA_8 "01"),
		DROPPED(IP_FRAGMENT)},
	{"order: protocol before ACL", ECHO6, {{AT_IP6_NEXT, "06"}}, DROPPED(IP_PROTOCOL),
		.who = WHO_DENIES},
};

int main(void)
{
	SUITE_ADD(lengths, check_frame6_case);
	SUITE_ADD(addresses, check_frame6_case);
	SUITE_ADD(groups, check_frame6_case);
	SUITE_ADD(extensions, check_frame6_case);
	SUITE_ADD(options, check_frame6_case);
	SUITE_ADD(fragments, check_frame6_case);
	SUITE_ADD(order, check_frame6_case);
	suite_add("place: as read", test_place);
	return suite_run("ipv6");
}
