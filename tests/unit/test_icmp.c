/* SPDX-License-Identifier: BSD-3-Clause */
#include "check.h"
#include "suite.h"

#define REPLIED                   .verdict = VERDICT_ICMP_ECHO, .reply = PING_REPLY
#define IGNORED                   .verdict = VERDICT_ICMP_IGNORED
#define IP_OF(total_length)       "4500 " total_length " 1234 0000 39 01 0000 c6120001 c6120002 "
#define REPLY_IP_OF(total_length) "4500 " total_length " 1234 0000 40 01 0000 " SWAPPED
#define SWAPPED_IP(total_length)  TO_THEM "0800 " REPLY_IP_OF(total_length)

/* RFC 792. */
static const struct frame_case cases[] = {
	{"ping", PING, REPLIED},
	{"ping, padded", PING "aabbccddeeff", REPLIED},
	{"ping behind a tag", TO_US "8100 0064 0800 " PING_IP PING_ICMP,
		.verdict = VERDICT_ICMP_ECHO,
		.reply = TO_THEM "8100 0064 0800 " PING_REPLY_IP "0000 e910 0001 0001 " HELLO},
	{"ping with record route: options are not echoed",
		TO_US "0800 4700 0030 1234 0000 39 01 0000 c6120001 c6120002 "
		      "0707040000000000 " PING_ICMP,
		.mend = MEND_IP, REPLIED},
	{"ping without data", TO_US "0800 " IP_OF("001c") "0800 f7fd 0001 0001", .mend = MEND_IP,
		.verdict = VERDICT_ICMP_ECHO, .reply = SWAPPED_IP("001c") "0000 fffd 0001 0001",
		.reply_mend = MEND_IP},
	{"ping with an odd byte", TO_US "0800 " IP_OF("001d") "0800 4cfd 0001 0001 ab",
		.mend = MEND_IP, .verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("001d") "0000 54fd 0001 0001 ab", .reply_mend = MEND_IP},
	{"ping with an odd byte, behind which padding must not count",
		TO_US "0800 " IP_OF("001d") "0800 4cfd 0001 0001 ab ff", .mend = MEND_IP,
		.verdict = VERDICT_ICMP_ECHO, .reply = SWAPPED_IP("001d") "0000 54fd 0001 0001 ab",
		.reply_mend = MEND_IP},
	{"identifier and sequence are kept", PING,
		{{AT_ICMP_ID, "abcd"}, {AT_ICMP_SEQUENCE, "ef01"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_ICMP_ID, "abcd"}, {AT_ICMP_SEQUENCE, "ef01"}},
		.reply_mend = MEND_BOTH},
	/* Of a reply all zeros, the checksum is ones: an update alone would make it 0. */
	{"all zeros: the reply's checksum is ones",
		TO_US "0800 " IP_OF("0020") "0800 f7ff 0000 0000 00000000", .mend = MEND_IP,
		.verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("0020") "0000 ffff 0000 0000 00000000", .reply_mend = MEND_IP},
	{"all zeros, odd", TO_US "0800 " IP_OF("001f") "0800 f7ff 0000 0000 000000",
		.mend = MEND_IP, .verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("001f") "0000 ffff 0000 0000 000000", .reply_mend = MEND_IP},
	{"the rest sums to ones: the reply's checksum is 0",
		TO_US "0800 " IP_OF("001e") "0800 f7ff 0000 0000 ffff", .mend = MEND_IP,
		.verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("001e") "0000 0000 0000 0000 ffff", .reply_mend = MEND_IP},
	{"a checksum of 0 that is right", TO_US "0800 " IP_OF("001c") "0800 0000 0001 f7fe",
		.mend = MEND_IP, .verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("001c") "0000 0800 0001 f7fe", .reply_mend = MEND_IP},
	{"the same, written as ones", TO_US "0800 " IP_OF("001c") "0800 ffff 0001 f7fe",
		.mend = MEND_IP, .verdict = VERDICT_ICMP_ECHO,
		.reply = SWAPPED_IP("001c") "0000 0800 0001 f7fe", .reply_mend = MEND_IP},
	{"a TTL of our own", PING, .who = WHO_TTL_9, REPLIED, .reply_edits = {{AT_IP_TTL, "09"}},
		.reply_mend = MEND_IP},
	{"where every port is served, the TTL is ours all the same", PING, .who = WHO_ANY, REPLIED},
	{"TTL 1 where every port is served: a ping can't loop", PING, {{AT_IP_TTL, "01"}}, MEND_IP,
		.who = WHO_ANY, REPLIED},
	{"an echo reply", PING, {{AT_ICMP_TYPE, "00"}}, MEND_BOTH, IGNORED},
	{"unreachable", PING, {{AT_ICMP_TYPE, "03"}}, MEND_BOTH, IGNORED},
	{"type 9, next to echo", PING, {{AT_ICMP_TYPE, "09"}}, MEND_BOTH, IGNORED},
	{"timestamp", PING, {{AT_ICMP_TYPE, "0d"}}, MEND_BOTH, IGNORED},
	{"code 1", PING, {{AT_ICMP_CODE, "01"}}, MEND_BOTH, IGNORED},
	{"a checksum that is one too many", PING, {{AT_ICMP_CHECKSUM, "e111"}}, IGNORED},
	{"a checksum of 0, which is not absent", PING, {{AT_ICMP_CHECKSUM, "0000"}}, IGNORED},
	{"the last byte differs", PING, {{53, "22"}}, IGNORED},
	{"an odd last byte differs", TO_US "0800 " IP_OF("001d") "0800 4cfd 0001 0001 aa",
		.mend = MEND_IP, IGNORED},
	{"7 bytes, of a total length of 28 less one",
		TO_US "0800 " IP_OF("001b") "0800 f7ff 0000 00", .mend = MEND_IP, IGNORED},
	{"7 bytes, and padding behind them", TO_US "0800 " IP_OF("001b") "0800 f7ff 0000 0000",
		.mend = MEND_IP, IGNORED},
	{"no byte", TO_US "0800 " IP_OF("0014"), .mend = MEND_IP, IGNORED},
};

/*
 * RFC 792, RFC 1122 3.2.2: a datagram to port 8 is reported, with its header and 8 bytes. The
 * report needs 28 bytes of headroom.
 */
#define REPORTS   MEND_BOTH, WHO_REPORTS
#define TO_PORT_8 AT_UDP_DESTINATION, "0008"
#define REPORT_IP(total_length, checksum) \
	"4500 " total_length " 0000 4000 40 01 " checksum " " SWAPPED
#define REPORT_ICMP(checksum) "0303 " checksum " 00000000 "
#define QUOTED                "4500 0028 1234 0000 39 11 e369 c6120001 c6120002 9c40 0008 0014 c068 "
#define REPORT(eth)           eth "0800 " REPORT_IP("0038", "ae9d") REPORT_ICMP("a037") QUOTED
#define REPORTED              .verdict = VERDICT_ICMP_UNREACHABLE, .reply = REPORT(TO_THEM)

static const struct frame_case reports[] = {
	{"report: a port not served", ECHO, {{TO_PORT_8}}, REPORTS, REPORTED,
		.arrival.headroom = 28},
	{"report: headroom to spare", ECHO, {{TO_PORT_8}}, REPORTS, REPORTED,
		.arrival.headroom = 128},
	{"report: too little headroom", ECHO, {{TO_PORT_8}}, REPORTS, .verdict = VERDICT_UDP_PORT,
		.arrival.headroom = 27},
	{"report: padding is not quoted", ECHO "5a5b", {{TO_PORT_8}}, REPORTS, REPORTED,
		.arrival.headroom = 28},
	{"report: not about fragments", ECHO, {{TO_PORT_8}}, REPORTS, .verdict = VERDICT_UDP_PORT,
		.arrival = {.headroom = 28, .reassembled = true}},
	{"report: not unless it is wanted", ECHO, {{TO_PORT_8}}, MEND_BOTH,
		.verdict = VERDICT_UDP_PORT, .arrival.headroom = 28},
	{"report: not of a source port", ECHO, {{AT_UDP_SOURCE, "0013"}}, REPORTS,
		.verdict = VERDICT_UDP_SOURCE_PORT, .arrival.headroom = 28},
	{"report: not where the checksum is wrong", ECHO, {{TO_PORT_8}}, .who = WHO_REPORTS,
		.verdict = VERDICT_UDP_CHECKSUM, .arrival.headroom = 28},
	{"report: a port served is answered", ECHO, .who = WHO_REPORTS, .verdict = VERDICT_UDP_ECHO,
		.reply = ECHO_REPLY, .arrival.headroom = 28},
	{"report: tags are kept", TO_US "8100 0064 0800 " ECHO_IP "9c40 0008 0014 c068 " HELLO,
		.who = WHO_REPORTS, .verdict = VERDICT_ICMP_UNREACHABLE,
		.reply = TO_THEM "8100 0064 0800 " REPORT_IP("0038", "ae9d") REPORT_ICMP("a037")
			QUOTED,
		.arrival.headroom = 28},
	{"report: options are quoted",
		TO_US "0800 4600 002c 1234 0000 39 11 e063 c6120001 c6120002 01010101 "
		      "9c40 0008 0014 c068 " HELLO,
		.who = WHO_REPORTS, .verdict = VERDICT_ICMP_UNREACHABLE,
		.reply = TO_THEM "0800 " REPORT_IP("003c", "ae99") REPORT_ICMP(
			"a037") "4600 002c 1234 0000 39 11 e063 c6120001 c6120002 01010101 "
				"9c40 0008 0014 c068",
		.arrival.headroom = 28},
	{"report: the type of service is not taken over", ECHO, {{TO_PORT_8}, {AT_IP_TOS, "b8"}},
		REPORTS, REPORTED,
		.reply_edits = {{AT_ICMP_SEQUENCE + 3, "b8"}, {AT_ICMP_SEQUENCE + 12, "e2b1"}},
		.arrival.headroom = 28},
	{"report: of no data", TO_US "0800 " IP_OF("001c"),
		{{23, "11"}, {34, "9c40 0008 0008 d76d"}}, REPORTS,
		.verdict = VERDICT_ICMP_UNREACHABLE,
		.reply = TO_THEM "0800 " REPORT_IP("0038", "ae9d")
			REPORT_ICMP("893e") "4500 001c 1234 0000 39 11 e375 c6120001 c6120002 9c40 "
					    "0008 0008 d76d",
		.arrival.headroom = 28},
};

int main(void)
{
	SUITE_ADD(cases, check_frame_case);
	SUITE_ADD(reports, check_frame_case);
	return suite_run("icmp");
}
