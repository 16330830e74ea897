/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "check.h"
#include "suite.h"

#define REPLIED                    .verdict = VERDICT_UDP_ECHO, .reply = ECHO_REPLY
#define DROPPED(name)              .verdict = VERDICT_##name
#define PORTS(source, destination) AT_UDP_SOURCE, source destination
#define IP_OF(total_length)        "4500 " total_length " 1234 0000 39 11 0000 c6120001 c6120002 "
#define REPLY_OF(total_length)     TO_THEM "0800 4500 " total_length " 1234 0000 40 11 0000 " SWAPPED

static const struct frame_case datagrams[] = {
	{"hello", ECHO, REPLIED},
	{"no data", TO_US "0800 " IP_OF("001c") "9c40 0007 0008 d76e", .mend = MEND_IP,
		.verdict = VERDICT_UDP_ECHO, .reply = REPLY_OF("001c") "0007 9c40 0008 d76e",
		.reply_mend = MEND_IP},
	{"no data, in a frame padded to 60 bytes",
		TO_US
		"0800 " IP_OF("001c") "9c40 0007 0008 d76e 0102030405060708090a0b0c0d0e0f101112",
		.mend = MEND_IP, .verdict = VERDICT_UDP_ECHO,
		.reply = REPLY_OF("001c") "0007 9c40 0008 d76e", .reply_mend = MEND_IP},
	{"an odd byte, behind which padding must not count",
		TO_US "0800 " IP_OF("001d") "9c40 0007 0009 2c6c ab ff", .mend = MEND_IP,
		.verdict = VERDICT_UDP_ECHO, .reply = REPLY_OF("001d") "0007 9c40 0009 2c6c ab",
		.reply_mend = MEND_IP},
	{"length: 7", ECHO, {{AT_UDP_LENGTH, "0007"}}, MEND_L4, DROPPED(UDP_MALFORMED)},
	{"length: 8 of 20, the rest is surplus", ECHO, {{AT_UDP_LENGTH, "0008"}}, MEND_L4,
		.verdict = VERDICT_UDP_ECHO, .reply = REPLY_OF("001c") "0007 9c40 0008 d76e",
		.reply_mend = MEND_IP},
	{"length: 19 of 20: one byte of surplus", ECHO, {{AT_UDP_LENGTH, "0013"}}, MEND_L4,
		.verdict = VERDICT_UDP_ECHO,
		.reply = REPLY_OF("0027") "0007 9c40 0013 0000 48656c6c6f2c206563686f",
		.reply_mend = MEND_BOTH},
	{"length: 21 of 20, inside the frame", ECHO "00", {{AT_UDP_LENGTH, "0015"}}, MEND_L4,
		DROPPED(UDP_MALFORMED)},
	{"length: 0", ECHO, {{AT_UDP_LENGTH, "0000"}}, DROPPED(UDP_MALFORMED)},
	{"length: the other byte order", ECHO, {{AT_UDP_LENGTH, "1400"}}, DROPPED(UDP_MALFORMED)},
	{"7 bytes left by the total length", ECHO, {{AT_IP_LENGTH, "001b"}}, MEND_IP,
		DROPPED(UDP_MALFORMED)},
	{"checksum: absent stays absent", ECHO, {{AT_UDP_CHECKSUM, "0000"}}, REPLIED,
		.reply_edits = {{AT_UDP_CHECKSUM, "0000"}}},
	{"checksum: one too many", ECHO, {{AT_UDP_CHECKSUM, "c06a"}}, DROPPED(UDP_CHECKSUM)},
	{"checksum: ones, where it is 0", ECHO, {{AT_DATA, "08cf"}, {AT_UDP_CHECKSUM, "ffff"}},
		REPLIED, .reply_edits = {{AT_DATA, "08cf"}, {AT_UDP_CHECKSUM, "ffff"}}},
	{"checksum: ones, where it is not 0", ECHO, {{AT_UDP_CHECKSUM, "ffff"}},
		DROPPED(UDP_CHECKSUM)},
	{"checksum: the last byte differs", ECHO, {{53, "22"}}, DROPPED(UDP_CHECKSUM)},
	{"checksum: it covers the source", ECHO, {{AT_IP_SOURCE, "c6120003"}}, MEND_IP,
		DROPPED(UDP_CHECKSUM)},
	{"checksum: it covers the destination", ECHO, {{AT_IP_DESTINATION, "cb007109"}}, MEND_IP,
		DROPPED(UDP_CHECKSUM)},
	{"checksum: it covers the ports", ECHO, {{PORTS("9c41", "0007")}}, DROPPED(UDP_CHECKSUM)},
	{"checksum: made without a pseudo-header", ECHO, {{AT_UDP_CHECKSUM, "4cba"}},
		DROPPED(UDP_CHECKSUM)},
};

static const struct frame_case ports[] = {
	{"to port 6", ECHO, {{PORTS("9c40", "0006")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"to port 8", ECHO, {{PORTS("9c40", "0008")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"to port 0", ECHO, {{PORTS("9c40", "0000")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"to port 7 in the other byte order", ECHO, {{PORTS("9c40", "0700")}}, MEND_L4,
		DROPPED(UDP_PORT)},
	{"to port 7 + 64", ECHO, {{PORTS("9c40", "0047")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"to port 6999", ECHO, {{PORTS("9c40", "1b57")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"to port 7000", ECHO, {{PORTS("9c40", "1b58")}}, MEND_L4, REPLIED,
		.reply_edits = {{PORTS("1b58", "9c40")}}, .reply_mend = MEND_L4},
	{"to port 7099", ECHO, {{PORTS("9c40", "1bbb")}}, MEND_L4, REPLIED,
		.reply_edits = {{PORTS("1bbb", "9c40")}}, .reply_mend = MEND_L4},
	{"to port 7100", ECHO, {{PORTS("9c40", "1bbc")}}, MEND_L4, DROPPED(UDP_PORT)},
	{"from port 0", ECHO, {{PORTS("0000", "0007")}}, MEND_L4, DROPPED(UDP_SOURCE_PORT)},
	{"from port 1", ECHO, {{PORTS("0001", "0007")}}, MEND_L4, REPLIED,
		.reply_edits = {{PORTS("0007", "0001")}}, .reply_mend = MEND_L4},
	{"from port 65535", ECHO, {{PORTS("ffff", "0007")}}, MEND_L4, REPLIED,
		.reply_edits = {{PORTS("0007", "ffff")}}, .reply_mend = MEND_L4},
	{"from echo, our own port", ECHO, {{PORTS("0007", "0007")}}, MEND_L4,
		DROPPED(UDP_SOURCE_PORT)},
	{"from another port that we serve", ECHO, {{PORTS("1bbb", "0007")}}, MEND_L4,
		DROPPED(UDP_SOURCE_PORT)},
	{"from a port next to those that we serve", ECHO, {{PORTS("1bbc", "0007")}}, MEND_L4,
		REPLIED, .reply_edits = {{PORTS("0007", "1bbc")}}, .reply_mend = MEND_L4},
	{"from chargen", ECHO, {{PORTS("0013", "0007")}}, MEND_L4, DROPPED(UDP_SOURCE_PORT)},
	{"from memcache, whose two bytes differ", ECHO, {{PORTS("2bcb", "0007")}}, MEND_L4,
		DROPPED(UDP_SOURCE_PORT)},
	{"order: malformed before checksum", ECHO, {{AT_UDP_LENGTH, "0007"}},
		DROPPED(UDP_MALFORMED)},
	{"order: checksum before port", ECHO, {{PORTS("9c40", "0008")}}, DROPPED(UDP_CHECKSUM)},
	{"order: port before source port", ECHO, {{PORTS("0007", "0008")}}, MEND_L4,
		DROPPED(UDP_PORT)},
	{"we serve none", ECHO, .who = WHO_NOBODY, DROPPED(IP_NOT_FOR_US)},
};

/* Every port is served, so the TTL is what ends a loop. */
static const struct frame_case any[] = {
	{"any: to port 1", ECHO, {{PORTS("9c40", "0001")}}, MEND_L4, WHO_ANY, REPLIED,
		.reply_edits = {{PORTS("0001", "9c40")}, {AT_IP_TTL, "38"}},
		.reply_mend = MEND_BOTH},
	{"any: to port 65535", ECHO, {{PORTS("9c40", "ffff")}}, MEND_L4, WHO_ANY, REPLIED,
		.reply_edits = {{PORTS("ffff", "9c40")}, {AT_IP_TTL, "38"}},
		.reply_mend = MEND_BOTH},
	{"any: to port 0", ECHO, {{PORTS("9c40", "0000")}}, MEND_L4, WHO_ANY, DROPPED(UDP_PORT)},
	{"any: from port 0", ECHO, {{PORTS("0000", "0007")}}, MEND_L4, WHO_ANY,
		DROPPED(UDP_SOURCE_PORT)},
	{"any: from chargen", ECHO, {{PORTS("0013", "0007")}}, MEND_L4, WHO_ANY,
		DROPPED(UDP_SOURCE_PORT)},
	{"any: TTL 57 falls", ECHO, .who = WHO_ANY, REPLIED, .reply_edits = {{AT_IP_TTL, "38"}},
		.reply_mend = MEND_IP},
	{"any: TTL 64 falls", ECHO, {{AT_IP_TTL, "40"}}, MEND_IP, WHO_ANY, REPLIED,
		.reply_edits = {{AT_IP_TTL, "3f"}}, .reply_mend = MEND_IP},
	{"any: TTL 65 falls to ours", ECHO, {{AT_IP_TTL, "41"}}, MEND_IP, WHO_ANY, REPLIED},
	{"any: TTL 255 falls to ours", ECHO, {{AT_IP_TTL, "ff"}}, MEND_IP, WHO_ANY, REPLIED},
	{"any: TTL 2 falls to the last", ECHO, {{AT_IP_TTL, "02"}}, MEND_IP, WHO_ANY, REPLIED,
		.reply_edits = {{AT_IP_TTL, "01"}}, .reply_mend = MEND_IP},
	{"any: TTL 1 can't fall", ECHO, {{AT_IP_TTL, "01"}}, MEND_IP, WHO_ANY, DROPPED(UDP_TTL)},
	{"any: TTL 0 can't fall", ECHO, {{AT_IP_TTL, "00"}}, MEND_IP, WHO_ANY, DROPPED(UDP_TTL)},
	{"any: source port before TTL", ECHO, {{PORTS("0000", "0007")}, {AT_IP_TTL, "01"}},
		MEND_BOTH, WHO_ANY, DROPPED(UDP_SOURCE_PORT)},
};

/*
 * What the device says of the checksum. A virtual link may leave the folded sum of the
 * pseudo-header in the field, 8c4d here, and the rest to do.
 */
#define GOOD    .arrival.l4_checksum_good = true
#define PARTIAL .arrival.l4_checksum_partial = true

/* A byte more than the MTU of WHO_PARTIAL. */
#define TOO_LONG(checksum)                                                                     \
	TO_US "0800 4500 0029 1234 0000 39 11 0000 c6120001 c6120002 9c40 0007 0015 " checksum \
		HELLO "00"
#define TOO_LONG_REPLY \
	TO_THEM "0800 4500 0029 1234 0000 40 11 0000 " SWAPPED "0007 9c40 0015 0000 " HELLO "00"

static const struct frame_case devices[] = {
	{"device: what it has verified is not verified again", ECHO, {{AT_UDP_CHECKSUM, "c06a"}},
		GOOD, REPLIED, .reply_edits = {{AT_UDP_CHECKSUM, "c06a"}}},
	{"device: with a surplus area it may have verified something else", ECHO,
		{{AT_UDP_LENGTH, "0008"}}, GOOD, DROPPED(UDP_CHECKSUM)},
	{"device: its word on UDP says nothing of ICMP", PING, {{AT_ICMP_CHECKSUM, "e111"}}, GOOD,
		DROPPED(ICMP_IGNORED)},
	{"device: nor of the IPv4 header", ECHO, {{AT_IP_CHECKSUM, "e36a"}}, GOOD,
		DROPPED(IP_CHECKSUM)},
	{"device: a partial checksum is finished", ECHO, {{AT_UDP_CHECKSUM, "8c4d"}}, PARTIAL,
		REPLIED},
	{"device: a partial checksum that is none", ECHO, {{AT_UDP_CHECKSUM, "8c4e"}}, PARTIAL,
		DROPPED(UDP_CHECKSUM)},
	{"device: partial, but absent", ECHO, {{AT_UDP_CHECKSUM, "0000"}}, PARTIAL, REPLIED,
		.reply_edits = {{AT_UDP_CHECKSUM, "0000"}}},
	{"device: a partial checksum that nobody spoke of", ECHO, {{AT_UDP_CHECKSUM, "8c4d"}},
		DROPPED(UDP_CHECKSUM)},
	{"device: ... where the link is known for it", ECHO, {{AT_UDP_CHECKSUM, "8c4d"}},
		.who = WHO_PARTIAL, REPLIED},
	{"device: such a link's full checksums", ECHO, .who = WHO_PARTIAL, REPLIED},
	{"device: such a link's wrong checksums", ECHO, {{AT_UDP_CHECKSUM, "c06a"}},
		.who = WHO_PARTIAL, DROPPED(UDP_CHECKSUM)},
	{"device: a partial checksum that finishes as 0 is written as ones", ECHO,
		{{AT_DATA, "08cf"}, {AT_UDP_CHECKSUM, "8c4d"}}, PARTIAL, REPLIED,
		.reply_edits = {{AT_DATA, "08cf"}, {AT_UDP_CHECKSUM, "ffff"}}},
	{"device: a partial checksum, and surplus", ECHO,
		{{AT_UDP_LENGTH, "0008"}, {AT_UDP_CHECKSUM, "8c41"}}, PARTIAL,
		.verdict = VERDICT_UDP_ECHO, .reply = REPLY_OF("001c") "0007 9c40 0008 d76e",
		.reply_mend = MEND_IP},
	{"device: a partial checksum behind options",
		TO_US "0800 4600 002c 1234 0000 39 11 e063 c6120001 c6120002 01010101 "
		      "9c40 0007 0014 8c4d " HELLO,
		PARTIAL, REPLIED},
	{"device: a partial checksum, and longer than a packet can be", TOO_LONG("8c4e"), {{0}},
		MEND_IP, WHO_PARTIAL, DROPPED(ETH_SUPERFRAME)},
	{"device: ... to a port not served", TOO_LONG("8c4e"), {{PORTS("9c40", "0008")}}, MEND_IP,
		WHO_PARTIAL, DROPPED(ETH_SUPERFRAME)},
	{"device: a full one: put together of fragments", TOO_LONG("0000"), {{0}}, MEND_BOTH,
		WHO_PARTIAL, VERDICT_UDP_ECHO, TOO_LONG_REPLY, .reply_mend = MEND_BOTH},
	{"device: longer, and cut short", ECHO "00",
		{{AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}}, MEND_IP, WHO_PARTIAL,
		DROPPED(ETH_SUPERFRAME)},
	{"device: longer, cut short, with a full checksum", ECHO "00", {{AT_IP_LENGTH, "2000"}},
		MEND_IP, WHO_PARTIAL, DROPPED(IP_MALFORMED)},
	{"device: cut short, and no longer", ECHO,
		{{AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}}, MEND_IP, WHO_PARTIAL,
		DROPPED(IP_MALFORMED)},
	{"device: longer, cut short, not version 4", ECHO "00",
		{{AT_IP_VERSION, "55"}, {AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}}, MEND_IP,
		WHO_PARTIAL, DROPPED(IP_MALFORMED)},
	{"device: longer, cut short, with 16 bytes of header", ECHO "00",
		{{AT_IP_VERSION, "44"}, {AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}}, MEND_IP,
		WHO_PARTIAL, DROPPED(IP_MALFORMED)},
	{"device: longer, cut short, not UDP", ECHO "00",
		{{AT_IP_PROTOCOL, "06"}, {AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}},
		MEND_IP, WHO_PARTIAL, DROPPED(IP_MALFORMED)},
	{"device: longer, cut short, where nobody leaves checksums partial", ECHO "00",
		{{AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}}, MEND_IP,
		.verdict = VERDICT_IP_MALFORMED},
	{"device: longer, where the MTU is unknown", TOO_LONG("8c4e"), {{0}}, MEND_IP, PARTIAL,
		.verdict = VERDICT_UDP_ECHO, .reply = TOO_LONG_REPLY, .reply_mend = MEND_BOTH},
};

/* The access list comes behind IPv4, and before UDP and ICMP. */
static const struct frame_case acl[] = {
	{"acl: denied", ECHO, .who = WHO_DENIES, DROPPED(ACL)},
	{"acl: another source is allowed", ECHO, {{AT_IP_SOURCE, "c6120003"}}, MEND_BOTH,
		WHO_DENIES, REPLIED, .reply_edits = {{AT_IP_DESTINATION, "c6120003"}},
		.reply_mend = MEND_BOTH},
	{"acl: a ping, denied", PING, .who = WHO_DENIES, DROPPED(ACL)},
	{"acl: before malformed UDP", ECHO, {{AT_UDP_LENGTH, "0000"}}, .who = WHO_DENIES,
		DROPPED(ACL)},
	{"acl: behind the protocol", ECHO, {{AT_IP_PROTOCOL, "06"}}, MEND_IP, WHO_DENIES,
		DROPPED(IP_PROTOCOL)},
	{"acl: behind the destination", ECHO, {{AT_IP_DESTINATION, "c6120003"}}, MEND_BOTH,
		WHO_DENIES, DROPPED(IP_NOT_FOR_US)},
};

/* The datagram as packet_read() gives it, and udp_write_to() sends it. */
static void test_read_from(void **state)
{
	struct bytes bytes =
		frame_bytes(TO_US "8100 0001 0800 4600 002d 1234 0000 39 11 0000 c6120001 c6120002 "
				  "01010101 9c40 0007 0014 c069 " HELLO "5a 5b",
			NULL, MEND_IP);
	const struct bytes reply =
		bytes_of(TO_THEM "8100 0001 0800 " ECHO_REPLY_IP "0007 9c40 0014 c069 " HELLO);
	struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};
	struct datagram datagram;

	(void)state;
	assert_int_equal(packet_read(&frame, identity_of(WHO_ECHO), &datagram), VERDICT_UDP_ECHO);
	assert_int_equal(datagram.packet.offset, 18);
	assert_int_equal(datagram.packet.payload, 42);
	assert_int_equal(datagram.packet.payload_length, 21);
	assert_int_equal(datagram.packet.protocol, 17);
	assert_int_equal(datagram.length, 20);
	assert_int_equal(datagram.ttl, 64);
	assert_int_equal(be32_get(ip_address_ipv4(datagram.source)), 0xc6120001);
	assert_int_equal(be32_get(ip_address_ipv4(datagram.destination)), 0xc6120002);
	assert_int_equal(be16_get(datagram.source_port), 40000);
	assert_int_equal(be16_get(datagram.destination_port), 7);
	assert_int_equal(datagram.service, SERVICE_ECHO);
	udp_write_to(&frame, &datagram);
	assert_ptr_equal(frame.data, bytes.data + 4); /* where the options were */
	assert_int_equal(frame.length, reply.length);
	assert_int_equal(frame.contiguous, reply.length);
	assert_memory_equal(frame.data, reply.data, reply.length);
}

static enum verdict verdict_at(
	const char *text, const struct edit *edits, bool accept_partial, uint32_t link_mtu)
{
	static struct identity identity; /* too large for the stack */
	struct bytes bytes = frame_bytes(text, edits, MEND_IP);
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
	static const struct edit cut[4] = {{AT_IP_LENGTH, "2000"}, {AT_UDP_CHECKSUM, "8c4d"}};

	(void)state;
	assert_int_equal(verdict_at(TOO_LONG("8c4e"), NULL, true, 40), VERDICT_ETH_SUPERFRAME);
	assert_int_equal(verdict_at(TOO_LONG("8c4e"), NULL, true, 41), VERDICT_UDP_ECHO);
	assert_int_equal(verdict_at(ECHO "00", cut, true, 40), VERDICT_ETH_SUPERFRAME);
	assert_int_equal(verdict_at(ECHO "00", cut, false, 40), VERDICT_IP_MALFORMED);
	assert_int_equal(verdict_at(ECHO "00", cut, true, 0), VERDICT_IP_MALFORMED);
}

/* A byte that is no service's serves nothing. */
static void test_no_service(void **state)
{
	static struct identity identity; /* too large for the stack */
	struct bytes bytes = frame_bytes(ECHO, NULL, 0);
	struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};

	(void)state;
	identity = *identity_of(WHO_ECHO);
	identity.service[7] = SERVICE_COUNT;
	assert_int_equal(packet_answer(&frame, &identity), VERDICT_UDP_PORT);
}

int main(void)
{
	SUITE_ADD(datagrams, check_frame_case);
	SUITE_ADD(ports, check_frame_case);
	SUITE_ADD(any, check_frame_case);
	SUITE_ADD(devices, check_frame_case);
	SUITE_ADD(acl, check_frame_case);
	suite_add("read from, written to", test_read_from);
	suite_add("superframes, by the MTU of the link", test_link_mtu);
	suite_add("a port with a byte that is no service", test_no_service);
	return suite_run("udp");
}
