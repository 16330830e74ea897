/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "check.h"
#include "suite.h"

#define REPLIED       .verdict = VERDICT_UDP_ECHO, .reply = ECHO_REPLY
#define DROPPED(name) .verdict = VERDICT_##name

/* An echo with options: IHL and total length as given, the header checksum is to be mended. */
#define OPTIONS(version_ihl, total_length, options)  \
	TO_US "0800 " version_ihl "00 " total_length \
	      " 1234 0000 39 11 0000 c6120001 c6120002 " options " " ECHO_UDP
#define ONE_WORD(options) OPTIONS("46", "002c", options)
#define ZEROS_36          "000000000000000000000000000000000000 000000000000000000000000000000000000 "

static const struct frame_case lengths[] = {
	{"lengths: padding behind the total length is not sent back", ECHO "aabbccdd", REPLIED},
	{"lengths: one byte more than there is", ECHO, {{AT_IP_LENGTH, "0029"}}, MEND_IP,
		DROPPED(IP_MALFORMED)},
	{"lengths: all there is", ECHO "aa", {{AT_IP_LENGTH, "0029"}}, MEND_IP, REPLIED},
	{"lengths: under the header", ECHO, {{AT_IP_LENGTH, "0013"}}, MEND_IP,
		DROPPED(IP_MALFORMED)},
	{"lengths: the header alone", ECHO, {{AT_IP_LENGTH, "0014"}}, MEND_IP,
		DROPPED(UDP_MALFORMED)},
	{"lengths: 0", ECHO, {{AT_IP_LENGTH, "0000"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"lengths: the other byte order", ECHO, {{AT_IP_LENGTH, "2800"}}, MEND_IP,
		DROPPED(IP_MALFORMED)},
	{"lengths: under a header with options", ONE_WORD("01010101"), {{AT_IP_LENGTH, "0017"}},
		MEND_IP, DROPPED(IP_MALFORMED)},
	{"lengths: a header with options alone", ONE_WORD("01010101"), {{AT_IP_LENGTH, "0018"}},
		MEND_IP, DROPPED(UDP_MALFORMED)},
	{"lengths: IHL 4", ECHO, {{AT_IP_VERSION, "44"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"lengths: IHL 0", ECHO, {{AT_IP_VERSION, "40"}}, DROPPED(IP_MALFORMED)},
	{"lengths: IHL beyond the frame", ECHO, {{AT_IP_VERSION, "4f"}}, DROPPED(IP_MALFORMED)},
	{"lengths: IHL beyond the total length, inside the frame", ECHO ZEROS_36,
		{{AT_IP_VERSION, "4b"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"version 5", ECHO, {{AT_IP_VERSION, "55"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"version 6", ECHO, {{AT_IP_VERSION, "65"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"version 0", ECHO, {{AT_IP_VERSION, "05"}}, MEND_IP, DROPPED(IP_MALFORMED)},
	{"checksum: one too many", ECHO, {{AT_IP_CHECKSUM, "e36a"}}, DROPPED(IP_CHECKSUM)},
	{"checksum: absent, which IPv4 does not know", ECHO, {{AT_IP_CHECKSUM, "0000"}},
		DROPPED(IP_CHECKSUM)},
	{"checksum: it covers the options", ONE_WORD("01010101"),
		{{AT_IP_CHECKSUM, "e063"}, {34, "01010001"}},

		DROPPED(IP_CHECKSUM)},
	{"checksum: 0 where it is right", ECHO, {{AT_IP_ID, "f59d"}, {AT_IP_CHECKSUM, "0000"}},
		REPLIED, .reply_edits = {{AT_IP_ID, "f59d"}}, .reply_mend = MEND_IP},
	{"checksum: 0 written as ones", ECHO, {{AT_IP_ID, "f59d"}, {AT_IP_CHECKSUM, "ffff"}},
		REPLIED, .reply_edits = {{AT_IP_ID, "f59d"}}, .reply_mend = MEND_IP},
	{"checksum: 0 in the reply", ECHO, {{AT_IP_ID, "ee9d"}}, MEND_IP, REPLIED,
		.reply_edits = {{AT_IP_ID, "ee9d"}, {AT_IP_CHECKSUM, "0000"}}},
};

static const struct frame_case addresses[] = {
	{"to: next to ours", ECHO, {{AT_IP_DESTINATION, "c6120003"}}, MEND_BOTH,
		DROPPED(IP_NOT_FOR_US)},
	{"to: the subnet's broadcast", ECHO, {{AT_IP_DESTINATION, "c61200ff"}}, MEND_BOTH,
		DROPPED(IP_NOT_FOR_US)},
	{"to: everyone", ECHO, {{AT_IP_DESTINATION, "ffffffff"}}, MEND_BOTH,
		DROPPED(IP_NOT_FOR_US)},
	{"to: a group", ECHO, {{AT_IP_DESTINATION, "e0000001"}}, MEND_BOTH, DROPPED(IP_NOT_FOR_US)},
	{"to: ours in the other byte order", ECHO, {{AT_IP_DESTINATION, "020012c6"}}, MEND_BOTH,
		DROPPED(IP_NOT_FOR_US)},
	{"to: our second address", ECHO, {{AT_IP_DESTINATION, "cb007109"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_IP_SOURCE, "cb007109"}}, .reply_mend = MEND_BOTH},
	{"to: ours, but we have none", ECHO, .who = WHO_NOBODY, DROPPED(IP_NOT_FOR_US)},
	{"from: 0.0.0.0", ECHO, {{AT_IP_SOURCE, "00000000"}}, MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: 0.255.255.255", ECHO, {{AT_IP_SOURCE, "00ffffff"}}, MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: 1.0.0.0", ECHO, {{AT_IP_SOURCE, "01000000"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_IP_DESTINATION, "01000000"}}, .reply_mend = MEND_BOTH},
	{"from: 126.255.255.255", ECHO, {{AT_IP_SOURCE, "7effffff"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_IP_DESTINATION, "7effffff"}}, .reply_mend = MEND_BOTH},
	{"from: 127.0.0.0", ECHO, {{AT_IP_SOURCE, "7f000000"}}, MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: 127.255.255.255", ECHO, {{AT_IP_SOURCE, "7fffffff"}}, MEND_BOTH,
		DROPPED(IP_SOURCE)},
	{"from: 128.0.0.0", ECHO, {{AT_IP_SOURCE, "80000000"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_IP_DESTINATION, "80000000"}}, .reply_mend = MEND_BOTH},
	{"from: 223.255.255.255", ECHO, {{AT_IP_SOURCE, "dfffffff"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_IP_DESTINATION, "dfffffff"}}, .reply_mend = MEND_BOTH},
	{"from: a group", ECHO, {{AT_IP_SOURCE, "e0000000"}}, MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: 240.0.0.1, reserved", ECHO, {{AT_IP_SOURCE, "f0000001"}}, MEND_BOTH,
		DROPPED(IP_SOURCE)},
	{"from: everyone", ECHO, {{AT_IP_SOURCE, "ffffffff"}}, MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: ourselves, as in LAND", ECHO, {{AT_IP_SOURCE, "c6120002"}}, MEND_BOTH,
		DROPPED(IP_SOURCE)},
	{"from: our other address", ECHO, {{AT_IP_SOURCE, "cb007109"}}, MEND_BOTH,
		DROPPED(IP_SOURCE)},
	{"from: the subnet's broadcast, as in fraggle", ECHO, {{AT_IP_SOURCE, "c61200ff"}},
		MEND_BOTH, DROPPED(IP_SOURCE)},
	{"from: next to the subnet's broadcast", ECHO, {{AT_IP_SOURCE, "c61200fe"}}, MEND_BOTH,
		REPLIED, .reply_edits = {{AT_IP_DESTINATION, "c61200fe"}}, .reply_mend = MEND_BOTH},
};

static const struct frame_case options[] = {
	{"options: no operation, four times", ONE_WORD("01010101"), .mend = MEND_IP, REPLIED},
	{"options: end of list at once", ONE_WORD("00000000"), .mend = MEND_IP, REPLIED},
	{"options: behind the end is no option", ONE_WORD("00830100"), .mend = MEND_IP, REPLIED},
	{"options: an unknown one that just fits", ONE_WORD("de040909"), .mend = MEND_IP, REPLIED},
	{"options: an unknown one a byte too long", ONE_WORD("de050909"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: two of two bytes", ONE_WORD("de02de02"), .mend = MEND_IP, REPLIED},
	{"options: a length of 1", ONE_WORD("de010101"), .mend = MEND_IP, DROPPED(IP_OPTIONS)},
	{"options: a length of 0", ONE_WORD("de000101"), .mend = MEND_IP, DROPPED(IP_OPTIONS)},
	{"options: no room for the length", ONE_WORD("010101de"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: no room for the data", ONE_WORD("0101de03"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: the last two bytes", ONE_WORD("0101de02"), .mend = MEND_IP, REPLIED},
	{"options: loose source route", ONE_WORD("83030401"), .mend = MEND_IP, DROPPED(IP_OPTIONS)},
	{"options: strict source route", ONE_WORD("89030401"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: source route behind another", ONE_WORD("de028302"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: source route as another's data", ONE_WORD("de048302"), .mend = MEND_IP, REPLIED},
	{"options: source route at the last byte", ONE_WORD("01010183"), .mend = MEND_IP,
		DROPPED(IP_OPTIONS)},
	{"options: record route, which is no source route",
		OPTIONS("47", "0030", "07070400000000 00"), .mend = MEND_IP, REPLIED},
	{"options: timestamp", OPTIONS("48", "0034", "440c0500 0000000000000000"), .mend = MEND_IP,
		REPLIED},
	{"options: 40 bytes", OPTIONS("4f", "0050", "01de2600 " ZEROS_36), .mend = MEND_IP,
		REPLIED},
	{"options: surplus and padding too", ONE_WORD("01010101"),
		{{AT_IP_LENGTH, "002f"}, {58, "ddeeff aabbcc"}}, MEND_IP, REPLIED},
};

static const struct frame_case fields[] = {
	{"fragment: don't fragment is kept", ECHO, {{AT_IP_FRAGMENT, "4000"}}, MEND_IP, REPLIED,
		.reply_edits = {{AT_IP_FRAGMENT, "4000"}}, .reply_mend = MEND_IP},
	{"fragment: the reserved bit is kept", ECHO, {{AT_IP_FRAGMENT, "8000"}}, MEND_IP, REPLIED,
		.reply_edits = {{AT_IP_FRAGMENT, "8000"}}, .reply_mend = MEND_IP},
	{"protocol: TCP", ECHO, {{AT_IP_PROTOCOL, "06"}}, MEND_IP, DROPPED(IP_PROTOCOL)},
	{"protocol: 0", ECHO, {{AT_IP_PROTOCOL, "00"}}, MEND_IP, DROPPED(IP_PROTOCOL)},
	{"protocol: UDP-Lite", ECHO, {{AT_IP_PROTOCOL, "88"}}, MEND_IP, DROPPED(IP_PROTOCOL)},
	{"TOS is kept", ECHO, {{AT_IP_TOS, "b9"}}, MEND_IP, REPLIED,
		.reply_edits = {{AT_IP_TOS, "b9"}}, .reply_mend = MEND_IP},
	{"the identification is kept", ECHO, {{AT_IP_ID, "ffff"}}, MEND_IP, REPLIED,
		.reply_edits = {{AT_IP_ID, "ffff"}}, .reply_mend = MEND_IP},
	{"TTL 0 does not end here", ECHO, {{AT_IP_TTL, "00"}}, MEND_IP, REPLIED},
	{"TTL 255", ECHO, {{AT_IP_TTL, "ff"}}, MEND_IP, REPLIED},
	{"TTL 64", ECHO, {{AT_IP_TTL, "40"}}, MEND_IP, REPLIED},
	{"a TTL of our own", ECHO, .who = WHO_TTL_9, REPLIED, .reply_edits = {{AT_IP_TTL, "09"}},
		.reply_mend = MEND_IP},
};

/* A fragment: its fields, and how much it holds. The protocol's header counts as data here. */
#define FRAGMENT(total_length, fragment, protocol, data)                  \
	TO_US "0800 4500 " total_length " 1234 " fragment " 39 " protocol \
	      " 0000 c6120001 c6120002 " data,                            \
		.mend = MEND_IP
#define DATA_8 "0102030405060708"

static const struct frame_case fragments[] = {
	{"fragment: the first", FRAGMENT("001c", "2000", "11", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: the last", FRAGMENT("001c", "0001", "11", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: one between", FRAGMENT("001c", "3fff", "11", DATA_8), DROPPED(IP_FRAGMENT)},
	{"fragment: the offset's upper bit alone", FRAGMENT("001c", "1000", "11", DATA_8),
		DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: of ICMP", FRAGMENT("001c", "2000", "01", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: of TCP", FRAGMENT("001c", "2000", "06", DATA_8), DROPPED(IP_PROTOCOL)},
	{"fragment: not the last, 7 bytes", FRAGMENT("001b", "2000", "11", DATA_8),
		DROPPED(IP_FRAGMENT)},
	{"fragment: not the last, 16 bytes", FRAGMENT("0024", "2001", "11", DATA_8 DATA_8),
		DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: not the last, 12 bytes", FRAGMENT("0020", "2001", "11", DATA_8 DATA_8),
		DROPPED(IP_FRAGMENT)},
	{"fragment: not the last, and empty", FRAGMENT("0014", "2001", "11", DATA_8),
		DROPPED(IP_FRAGMENT)},
	{"fragment: the last, 7 bytes", FRAGMENT("001b", "0001", "11", DATA_8),
		DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: it ends at the last byte that a length can say",
		FRAGMENT("0017", "1ffd", "11", DATA_8), DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: a byte beyond: the ping of death", FRAGMENT("0018", "1ffd", "01", DATA_8),
		DROPPED(IP_FRAGMENT)},
	{"fragment: refused before its protocol", FRAGMENT("001b", "2000", "06", DATA_8),
		DROPPED(IP_FRAGMENT)},
	{"fragment: don't fragment, nevertheless", FRAGMENT("001c", "6000", "11", DATA_8),
		DROPPED(IP_FRAGMENT_KEPT)},
	{"fragment: from who is not allowed", FRAGMENT("001c", "2000", "11", DATA_8),
		.who = WHO_DENIES, DROPPED(ACL)},
};

/* Where a packet is, and what it is, as ipv4_read() gives it. */
static void test_place(void **state)
{
	struct bytes bytes = frame_bytes(TO_US
		"8100 0001 0800 4600 0020 1234 2000 39 01 0000 c6120001 c6120002 01010101 "
		"0102030405060708",
		NULL, MEND_IP);
	const struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};
	struct ip_packet packet;
	enum verdict verdict;

	(void)state;
	assert_int_equal(
		ipv4_read(&frame, identity_of(WHO_ECHO), 18, &packet, &verdict), NEXT_FRAGMENT);
	assert_int_equal(packet.offset, 18);
	assert_int_equal(packet.payload, 42);
	assert_int_equal(packet.payload_length, 8);
	assert_int_equal(packet.protocol, 1);
	assert_int_equal(packet.family, IP_FAMILY_IPV4);
	assert_int_equal(packet.fragment, 18);
}

/* The first check that fails names the verdict. */
static const struct frame_case order[] = {
	{"order: malformed before checksum", ECHO, {{AT_IP_VERSION, "65"}}, DROPPED(IP_MALFORMED)},
	{"order: checksum before not-for-us", ECHO, {{AT_IP_DESTINATION, "c6120003"}},
		DROPPED(IP_CHECKSUM)},
	{"order: not-for-us before source", ECHO,
		{{AT_IP_SOURCE, "7f000001"}, {AT_IP_DESTINATION, "c6120003"}}, MEND_IP,
		DROPPED(IP_NOT_FOR_US)},
	{"order: source before options", ONE_WORD("83030401"), {{AT_IP_SOURCE, "7f000001"}},
		MEND_IP, DROPPED(IP_SOURCE)},
	{"order: options before fragment", ONE_WORD("83030401"), {{AT_IP_FRAGMENT, "2000"}},
		MEND_IP, DROPPED(IP_OPTIONS)},
	{"order: fragment before protocol", ECHO,
		{{AT_IP_FRAGMENT, "2000"}, {AT_IP_PROTOCOL, "06"}}, MEND_IP, DROPPED(IP_FRAGMENT)},
	{"order: protocol before what follows", ECHO,
		{{AT_IP_PROTOCOL, "06"}, {AT_UDP_LENGTH, "0000"}}, MEND_IP, DROPPED(IP_PROTOCOL)},
};

int main(void)
{
	SUITE_ADD(lengths, check_frame_case);
	SUITE_ADD(addresses, check_frame_case);
	SUITE_ADD(options, check_frame_case);
	SUITE_ADD(fields, check_frame_case);
	SUITE_ADD(fragments, check_frame_case);
	SUITE_ADD(order, check_frame_case);
	suite_add("place: as read", test_place);
	return suite_run("ipv4");
}
