/* SPDX-License-Identifier: BSD-3-Clause */
#include "check.h"
#include "suite.h"

#define REPLIED       .verdict = VERDICT_UDP_ECHO, .reply = ECHO6_REPLY
#define DROPPED(name) .verdict = VERDICT_##name
#define NO_EDIT           \
	{                 \
		{         \
			0 \
		}         \
	}
#define AT_PORT     (AT_IP6_PAYLOAD + 2)
#define AT_CHECKSUM (AT_IP6_PAYLOAD + 6)
#define AT_SUM_0    AT_IP6_PAYLOAD + 18, "7baa" /* data of which the checksum is 0 */

/* RFC 8200 8.1. */
static const struct frame_case datagrams[] = {
	{"no checksum, which IPv6 does not allow", ECHO6, {{AT_CHECKSUM, "0000"}}, MEND_IP,
		DROPPED(UDP_CHECKSUM)},
	{"no checksum, whatever the device says", ECHO6, {{AT_CHECKSUM, "0000"}}, MEND_IP,
		DROPPED(UDP_CHECKSUM), .arrival.l4_checksum_good = true},
	{"a wrong checksum", ECHO6, {{AT_CHECKSUM, "1234"}}, MEND_IP, DROPPED(UDP_CHECKSUM)},
	{"a checksum that is 0 is written as ones", ECHO6, {{AT_CHECKSUM, "ffff"}, {AT_SUM_0}},
		MEND_IP, REPLIED, .reply_edits = {{AT_CHECKSUM, "ffff"}, {AT_SUM_0}},
		.reply_mend = MEND_IP},
	{"a length beyond the packet", ECHO6, {{AT_IP6_PAYLOAD + 4, "0015"}}, MEND_IP,
		DROPPED(UDP_MALFORMED)},
	{"a length under the header", ECHO6, {{AT_IP6_PAYLOAD + 4, "0007"}}, MEND_IP,
		DROPPED(UDP_MALFORMED)},
	{"a port not served", ECHO6, {{AT_IP6_PAYLOAD + 2, "0008"}}, MEND_BOTH, DROPPED(UDP_PORT)},
	{"from chargen", ECHO6, {{AT_IP6_PAYLOAD, "0013"}}, MEND_BOTH, DROPPED(UDP_SOURCE_PORT)},
	{"from who is not allowed", ECHO6, NO_EDIT, MEND_BOTH, DROPPED(ACL), .who = WHO_DENIES},
};

/*
 * What the device says of the checksum. A virtual link may leave the folded sum of the
 * pseudo-header in the field, and the rest to do.
 */
#define GOOD    .arrival.l4_checksum_good = true
#define PARTIAL .arrival.l4_checksum_partial = true
#define PSEUDO  "402e"

static const struct frame_case devices[] = {
	{"device: what it has verified is not verified again", ECHO6, {{AT_CHECKSUM, "1234"}},
		MEND_IP, GOOD, REPLIED, .reply_edits = {{AT_CHECKSUM, "1234"}},
		.reply_mend = MEND_IP},
	{"device: nor does it say that an absent one is good", ECHO6, {{AT_CHECKSUM, "0000"}},
		MEND_IP, GOOD, DROPPED(UDP_CHECKSUM)},
	{"device: its word on UDP says nothing of ICMPv6", PING6, {{AT_IP6_PAYLOAD + 2, "1234"}},
		MEND_IP, GOOD, DROPPED(ICMP_IGNORED)},
	{"device: a partial checksum is finished", ECHO6, {{AT_CHECKSUM, PSEUDO}}, MEND_IP, PARTIAL,
		REPLIED, .reply_mend = MEND_BOTH},
	{"device: a partial checksum that is none", ECHO6, {{AT_CHECKSUM, "402f"}}, MEND_IP,
		PARTIAL, DROPPED(UDP_CHECKSUM)},
	{"device: partial, but absent", ECHO6, {{AT_CHECKSUM, "0000"}}, MEND_IP, PARTIAL,
		DROPPED(UDP_CHECKSUM)},
	{"device: a partial checksum that finishes as 0 is written as ones", ECHO6,
		{{AT_CHECKSUM, PSEUDO}, {AT_SUM_0}}, MEND_IP, PARTIAL, REPLIED,
		.reply_edits = {{AT_CHECKSUM, "ffff"}, {AT_SUM_0}}, .reply_mend = MEND_IP},
	{"device: a partial checksum behind extension headers",
		TO_US IP6("3c", "39", FROM_PEER6) "1100 0104 00000000 9c40 0007 0014 " PSEUDO
						  " " HELLO,
		.mend = MEND_IP, PARTIAL, REPLIED, .reply_mend = MEND_BOTH},
	{"device: a full one, longer than the link lets through", ECHO6, {{0}}, MEND_BOTH,
		WHO_PARTIAL, REPLIED, .reply_mend = MEND_BOTH},
};

/* Longer than the MTU of WHO_PARTIAL, and cut short. */
#define CUT                           \
	{                             \
		AT_IP6_LENGTH, "0015" \
	}
static const struct frame_case superframes[] = {
	{"superframe: whole", ECHO6, {{AT_CHECKSUM, PSEUDO}}, MEND_IP, WHO_PARTIAL,
		DROPPED(ETH_SUPERFRAME)},
	{"superframe: whole, to a port not served", ECHO6,
		{{AT_PORT, "0008"}, {AT_CHECKSUM, PSEUDO}}, MEND_IP, WHO_PARTIAL,
		DROPPED(ETH_SUPERFRAME)},
	{"superframe: cut", ECHO6, {CUT, {AT_CHECKSUM, PSEUDO}}, 0, WHO_PARTIAL,
		DROPPED(ETH_SUPERFRAME)},
	{"superframe: another checksum", ECHO6, {CUT, {AT_CHECKSUM, "402f"}}, 0, WHO_PARTIAL,
		DROPPED(IP_MALFORMED)},
	{"superframe: of TCP", ECHO6, {CUT, {AT_IP6_NEXT, "06"}, {AT_CHECKSUM, PSEUDO}}, 0,
		WHO_PARTIAL, DROPPED(IP_MALFORMED)},
	{"superframe: of version 7", ECHO6, {CUT, {AT_IP6_VERSION, "70"}, {AT_CHECKSUM, PSEUDO}}, 0,
		WHO_PARTIAL, DROPPED(IP_MALFORMED)},
};

/* The verdict of FRAME on a link with that MTU. */
static enum verdict verdict_at(struct bytes bytes, bool accept_partial, uint32_t link_mtu)
{
	static struct identity identity; /* too large for the stack */
	struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};

	identity = *identity_of(WHO_PARTIAL);
	identity.accept_partial = accept_partial;
	identity.link_mtu = link_mtu;
	return packet_answer(&frame, &identity);
}

/* A partial checksum alone makes no superframe; nor does a length, where the MTU is unknown or all
 * checksums are whole. */
static void test_link_mtu(void **state)
{
	static const struct edit partial[] = {{AT_CHECKSUM, PSEUDO}, {0, NULL}};
	static const struct edit cut_short[] = {
		{AT_IP6_LENGTH, "2000"}, {AT_CHECKSUM, PSEUDO}, {0, NULL}};
	static const struct edit cut_in_header[] = {
		{AT_IP6_LENGTH, "2000"}, {AT_IP6_SOURCE, NOBODY6 NOBODY6}, {0, NULL}};
	const struct bytes whole = frame_bytes(ECHO6, partial, MEND_IP);
	const struct bytes cut = frame_bytes(ECHO6, cut_short, 0);
	struct bytes header = frame_bytes(ECHO6, cut_in_header, 0);

	(void)state;
	assert_int_equal(verdict_at(whole, true, 59), VERDICT_ETH_SUPERFRAME);
	assert_int_equal(verdict_at(whole, true, 60), VERDICT_UDP_ECHO);
	assert_int_equal(verdict_at(whole, true, 0), VERDICT_UDP_ECHO);
	assert_int_equal(verdict_at(whole, false, 59), VERDICT_UDP_CHECKSUM);
	assert_int_equal(verdict_at(cut, true, 59), VERDICT_ETH_SUPERFRAME);
	assert_int_equal(verdict_at(cut, true, 60), VERDICT_IP_MALFORMED);
	assert_int_equal(verdict_at(cut, true, 0), VERDICT_IP_MALFORMED);
	assert_int_equal(verdict_at(cut, false, 59), VERDICT_IP_MALFORMED);
	/* Behind its end all is 0, which would be right. */
	header.length = AT_IP6_PAYLOAD + 7;
	assert_int_equal(verdict_at(header, true, 40), VERDICT_IP_MALFORMED);
}

int main(void)
{
	SUITE_ADD(datagrams, check_frame6_case);
	SUITE_ADD(devices, check_frame6_case);
	SUITE_ADD(superframes, check_frame6_case);
	suite_add("superframes, by the MTU of the link", test_link_mtu);
	return suite_run("udp6");
}
