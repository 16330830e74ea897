/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "check.h"
#include "suite.h"

#define NO_EDIT           \
	{                 \
		{         \
			0 \
		}         \
	}
#define REPLIED \
	MEND_BOTH, .verdict = VERDICT_ICMP_ECHO, .reply = PING6_REPLY, .reply_mend = MEND_BOTH
#define IGNORED MEND_BOTH, .verdict = VERDICT_ICMP_IGNORED
#define AT_TYPE AT_IP6_PAYLOAD
#define AT_CODE (AT_IP6_PAYLOAD + 1)
#define AT_SUM  (AT_IP6_PAYLOAD + 2)

/* RFC 4443 4.1, 4.2. */
static const struct frame_case echoes[] = {
	{"ping", PING6, NO_EDIT, REPLIED},
	{"ping, padded", PING6 "aabb", {{AT_IP6_LENGTH, "0014"}}, MEND_L4,
		.verdict = VERDICT_ICMP_ECHO, .reply = PING6_REPLY, .reply_mend = MEND_BOTH},
	{"ping behind options",
		TO_US IP6("3c", "39", FROM_PEER6) "3a00 010400000000 80 00 0000 0001 0001 " HELLO,
		NO_EDIT, REPLIED},
	{"ping without data", TO_US IP6("3a", "39", FROM_PEER6) "80 00 0000 0001 0001 ", NO_EDIT,
		MEND_BOTH, .verdict = VERDICT_ICMP_ECHO,
		.reply = TO_THEM IP6("3a", "40", TO_PEER6) "81 00 0000 0001 0001 ",
		.reply_mend = MEND_BOTH},
	{"ping with an odd byte", TO_US IP6("3a", "39", FROM_PEER6) "80 00 0000 0001 0001 ab",
		NO_EDIT, MEND_BOTH, .verdict = VERDICT_ICMP_ECHO,
		.reply = TO_THEM IP6("3a", "40", TO_PEER6) "81 00 0000 0001 0001 ab",
		.reply_mend = MEND_BOTH},
	{"hop limit 1 where every port is served: a ping can't loop", PING6,
		{{AT_IP6_HOP_LIMIT, "01"}}, REPLIED, .who = WHO_ANY},
	{"a hop limit of our own", PING6, NO_EDIT, REPLIED, .who = WHO_TTL_9,
		.reply_edits = {{AT_IP6_HOP_LIMIT, "09"}}},
	{"an echo reply", PING6, {{AT_TYPE, "81"}}, IGNORED},
	{"a listener query", PING6, {{AT_TYPE, "82"}}, IGNORED},
	{"a reply of a listener", PING6, {{AT_TYPE, "84"}}, IGNORED},
	{"type 138", PING6, {{AT_TYPE, "8a"}}, IGNORED},
	{"code 1", PING6, {{AT_CODE, "01"}}, IGNORED},
	{"to a group", PING6, {{AT_IP6_DESTINATION, ALL_NODES6}}, IGNORED},
	{"a wrong checksum", PING6, {{AT_SUM, "1234"}}, MEND_IP, .verdict = VERDICT_ICMP_IGNORED},
	{"no checksum", PING6, {{AT_SUM, "0000"}}, MEND_IP, .verdict = VERDICT_ICMP_IGNORED},
	{"7 bytes", TO_US IP6("3a", "39", FROM_PEER6) "80 00 0000 0001 00", NO_EDIT, IGNORED},
	{"7 bytes, and padding", TO_US IP6("3a", "39", FROM_PEER6) "80 00 0000 0001 0000",
		{{AT_IP6_LENGTH, "0007"}}, 0, .verdict = VERDICT_ICMP_IGNORED},
	{"no byte", TO_US IP6("3a", "39", FROM_PEER6), NO_EDIT, IGNORED},
	{"from who is not allowed", PING6, NO_EDIT, MEND_BOTH, .verdict = VERDICT_ACL,
		.who = WHO_DENIES},
};

/* RFC 4443 3.1: as much as fits into 1,280 bytes. The report needs 48 bytes of headroom. */
#define TO_PORT_8                          \
	{                                  \
		AT_IP6_PAYLOAD + 2, "0008" \
	}
#define REPORT     TO_THEM IP6("3a", "40", TO_PEER6) "01 04 0000 00000000 "
#define QUOTED_IP6 "60000000 0014 11 39 " FROM_PEER6
#define REPORTED                                          \
	MEND_BOTH, WHO_REPORTS, VERDICT_ICMP_UNREACHABLE, \
		REPORT QUOTED_IP6 "9c40 0008 0014 0c88 " HELLO, .reply_mend = MEND_BOTH

static const struct frame_case reports[] = {
	{"report: a port not served", ECHO6, {TO_PORT_8}, REPORTED, .arrival.headroom = 48},
	{"report: headroom to spare", ECHO6, {TO_PORT_8}, REPORTED, .arrival.headroom = 100},
	{"report: too little headroom", ECHO6, {TO_PORT_8}, MEND_BOTH, WHO_REPORTS,
		.verdict = VERDICT_UDP_PORT, .arrival.headroom = 47},
	{"report: not about fragments", ECHO6, {TO_PORT_8}, MEND_BOTH, WHO_REPORTS,
		.verdict = VERDICT_UDP_PORT, .arrival = {.headroom = 48, .reassembled = true}},
	{"report: not unless it is wanted", ECHO6, {TO_PORT_8}, MEND_BOTH, WHO_ECHO,
		.verdict = VERDICT_UDP_PORT, .arrival.headroom = 48},
};

/* A request of any length: the reply ends at 1,280 bytes of packet. */
static void test_long_report(void **state)
{
	(void)state;
	for (uint32_t length = 1200; length < 1500; length++) {
		struct bytes request = {.length = length}, reply = {0};
		const uint32_t quoted = length - 14 < 1232 ? length - 14 : 1232;
		const struct bytes head = frame_bytes(ECHO6, NULL, MEND_BOTH);
		const struct bytes tail = bytes_of(REPORT);

		for (uint32_t i = 0; i < length; i++)
			request.data[i] = i < 62 ? head.data[i] : (uint8_t)(i * 7);
		request.data[57] = 8;
		request.data[18] = request.data[58] = (uint8_t)((length - 54) >> 8);
		request.data[19] = request.data[59] = (uint8_t)(length - 54);
		request = mend_bytes(request);
		reply.length = 62 + quoted;
		memcpy(reply.data, tail.data, 62);
		memcpy(reply.data + 62, request.data + 14, quoted);
		reply.data[18] = (uint8_t)((quoted + 8) >> 8);
		reply.data[19] = (uint8_t)(quoted + 8);
		reply = mend_bytes(reply);
		check_answer(&request, &(struct arrival){.headroom = 48}, WHO_REPORTS,
			VERDICT_ICMP_UNREACHABLE, &reply);
		check_answer(&request,
			&(struct arrival){.headroom = 48, .cut_count = 1, .cuts = {length - 100}},
			WHO_REPORTS, VERDICT_ICMP_UNREACHABLE, &reply);
	}
}

int main(void)
{
	SUITE_ADD(echoes, check_frame6_case);
	SUITE_ADD(reports, check_frame6_case);
	suite_add("report: of long datagrams", test_long_report);
	return suite_run("icmp6");
}
