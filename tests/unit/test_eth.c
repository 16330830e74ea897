/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suite.h"

#define IPV4 ECHO_IP ECHO_UDP

static const struct frame_case answers[] = {
	{"answer: no tag", ECHO, .verdict = VERDICT_UDP_ECHO, .reply = ECHO_REPLY},
	{"answer: an 802.1Q tag stays as it came", TO_US "8100 e064 0800 " IPV4,
		.verdict = VERDICT_UDP_ECHO,
		.reply = TO_THEM "8100 e064 0800 " ECHO_REPLY_IP "0007 9c40 0014 c069 " HELLO},
	{"answer: two tags stay as they came", TO_US "88a8 0064 8100 0005 0800 " IPV4,
		.verdict = VERDICT_UDP_ECHO,
		.reply = TO_THEM "88a8 0064 8100 0005 0800 " ECHO_REPLY_IP
				 "0007 9c40 0014 c069 " HELLO},
	{"answer: three tags", TO_US "88a8 0064 8100 0005 8100 0006 0800 " IPV4,
		.verdict = VERDICT_ETH_TYPE},
	{"answer: from another station's MAC", ECHO, {{AT_ETH_SOURCE, "0a0b0c0d0e0f"}},
		.verdict = VERDICT_UDP_ECHO, .reply = ECHO_REPLY,
		.reply_edits = {{AT_ETH_DESTINATION, "0a0b0c0d0e0f"}}},
	{"answer: padded to 60 bytes with what is no zero", ECHO "111213141516",
		.verdict = VERDICT_UDP_ECHO, .reply = ECHO_REPLY},
};

/* eth_read() alone, of a frame in memory of exactly its size. */
struct read_case {
	const char *about;
	const char *frame;
	enum next next;
	enum verdict verdict; /* where nothing is next */
	uint32_t payload;     /* where something is */
};

static const struct read_case reads[] = {
	{"read: IPv4", TO_US "0800", NEXT_IPV4, 0, 14},
	{"read: ARP", TO_US "0806", NEXT_ARP, 0, 14},
	{"read: ARP, broadcast", BROADCAST THEM "0806", NEXT_ARP, 0, 14},
	{"read: IPv4, broadcast", BROADCAST THEM "0800", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: ARP to a group that is not broadcast", "feffffffffff " THEM "0806", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: ARP, broadcast but for the last bit", "fffffffffffe " THEM "0806", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv4 multicast", "01005e000001 " THEM "0800", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: our MAC but for its first byte", "030000000002 " THEM "0800", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: our MAC but for its last byte", "020000000003 " THEM "0800", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: ARP for another MAC", "020000000003 " THEM "0806", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: broadcast and of another type", BROADCAST THEM "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: from a group", US "030000000001 0800", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: ARP from broadcast", US BROADCAST "0806", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: from a group, and of another type", US BROADCAST "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: from an even MAC with all other bits", US "fefffffffffe 0800", NEXT_IPV4, 0, 14},
	{"read: IPv6", TO_US "86dd", NEXT_IPV6, 0, 14},
	{"read: IPv6 to all nodes", ALL_NODES_MAC THEM "86dd", NEXT_IPV6, 0, 14},
	{"read: IPv6 to the group of our address", SOLICITED_MAC THEM "8100 0001 86dd", NEXT_IPV6,
		0, 18},
	{"read: IPv6 to the group of our other address", "3333ff000009" THEM "86dd", NEXT_IPV6, 0,
		14},
	{"read: IPv6 to the group of others", "3333ff000003" THEM "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv6 to the group of ::", "3333ff000000" THEM "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv6 to all routers", "333300000002" THEM "86dd", NEXT_NONE, VERDICT_ETH_NOT_FOR_US,
		0},
	{"read: IPv6 to a group that begins otherwise", "3233ff000002" THEM "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv6 to a group that goes on otherwise", "3332ff000002" THEM "86dd", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv6 to all", BROADCAST THEM "86dd", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv4 to all nodes of IPv6", ALL_NODES_MAC THEM "0800", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: IPv6 from a group", US ALL_NODES_MAC "86dd", NEXT_NONE, VERDICT_ETH_NOT_FOR_US, 0},
	{"read: an 802.3 length", TO_US "002e", NEXT_NONE, VERDICT_ETH_TYPE, 0},
	{"read: a type next to IPv4's", TO_US "0801", NEXT_NONE, VERDICT_ETH_TYPE, 0},
	{"read: IPv4's type in the other byte order", TO_US "0008", NEXT_NONE, VERDICT_ETH_TYPE, 0},
	{"read: 802.1Q", TO_US "8100 0001 0800", NEXT_IPV4, 0, 18},
	{"read: 802.1ad", TO_US "88a8 0001 0800", NEXT_IPV4, 0, 18},
	{"read: 802.1ad, 802.1Q", TO_US "88a8 0001 8100 0002 0800", NEXT_IPV4, 0, 22},
	{"read: 802.1Q twice", TO_US "8100 0001 8100 0002 0806", NEXT_ARP, 0, 22},
	{"read: 802.1ad twice", TO_US "88a8 0001 88a8 0002 0800", NEXT_IPV4, 0, 22},
	{"read: 802.1Q, broadcast ARP", BROADCAST THEM "8100 0001 0806", NEXT_ARP, 0, 18},
	{"read: 802.1Q, broadcast IPv4", BROADCAST THEM "8100 0001 0800", NEXT_NONE,
		VERDICT_ETH_NOT_FOR_US, 0},
	{"read: a third tag", TO_US "8100 0001 8100 0002 8100 0003 0800", NEXT_NONE,
		VERDICT_ETH_TYPE, 0},
	{"read: a third tag that is cut short", TO_US "8100 0001 8100 0002 8100", NEXT_NONE,
		VERDICT_ETH_TYPE, 0},
	{"read: the old QinQ type", TO_US "9100 0001 0800", NEXT_NONE, VERDICT_ETH_TYPE, 0},
	{"read: a tag's control may look like a type", TO_US "8100 8100 0800", NEXT_IPV4, 0, 18},
	{"read: no byte", "", NEXT_NONE, VERDICT_ETH_RUNT, 0},
	{"read: 13 bytes", TO_US "08", NEXT_NONE, VERDICT_ETH_RUNT, 0},
	{"read: for another MAC, and cut short", BROADCAST THEM "08", NEXT_NONE, VERDICT_ETH_RUNT,
		0},
	{"read: a tag of which nothing is there", TO_US "8100", NEXT_NONE, VERDICT_ETH_RUNT, 0},
	{"read: a tag of 3 bytes", TO_US "8100 0001 08", NEXT_NONE, VERDICT_ETH_RUNT, 0},
	{"read: a second tag of which nothing is there", TO_US "88a8 0001 8100", NEXT_NONE,
		VERDICT_ETH_RUNT, 0},
	{"read: a second tag of 3 bytes", TO_US "8100 0001 8100 0002 08", NEXT_NONE,
		VERDICT_ETH_RUNT, 0},
	{"read: for another MAC, and a tag cut short", BROADCAST THEM "8100 00", NEXT_NONE,
		VERDICT_ETH_RUNT, 0},
};

static void test_read(void **state)
{
	const struct read_case *row = *state;
	const struct bytes bytes = bytes_of(row->frame);
	uint8_t *data = malloc(bytes.length);
	const struct frame frame = {
		.data = data, .contiguous = bytes.length, .length = bytes.length};
	const struct frame longer = {
		.data = data, .contiguous = bytes.length, .length = bytes.length + 100};
	uint32_t payload = 0;
	enum verdict verdict = 0;

	memcpy(data, bytes.data, bytes.length);
	assert_int_equal(eth_read(&frame, identity_of(WHO_ECHO), &payload, &verdict), row->next);
	assert_string_equal(verdict_name(verdict), verdict_name(row->verdict));
	if (row->next != NEXT_NONE)
		assert_int_equal(payload, row->payload);
	/* What lies beyond the contiguous bytes is no header. */
	assert_int_equal(eth_read(&longer, identity_of(WHO_ECHO), &payload, &verdict), row->next);
	assert_string_equal(verdict_name(verdict), verdict_name(row->verdict));
	free(data);
}

struct write_case {
	const char *about;
	const char *frame;
	const char *from;
	const char *written;
};

static const struct write_case writes[] = {
	{"write: back to its source", TO_US "0800 aabb", US, TO_THEM "0800 aabb"},
	{"write: a broadcast, from us", BROADCAST THEM "0806", US, TO_THEM "0806"},
	{"write: tags stay", TO_US "8100 0064 0800", US, TO_THEM "8100 0064 0800"},
	{"write: each byte of both", "010203040506 111213141516 0800", "212223242526",
		"111213141516 212223242526 0800"},
};

static void test_write(void **state)
{
	const struct write_case *row = *state;
	struct bytes bytes = bytes_of(row->frame);
	const struct bytes expected = bytes_of(row->written);
	struct frame frame = {
		.data = bytes.data, .contiguous = bytes.length, .length = bytes.length};
	struct mac_address from;

	memcpy(&from, bytes_of(row->from).data, sizeof(from));
	eth_write_to(&frame, from);
	assert_int_equal(frame.length, expected.length);
	assert_memory_equal(bytes.data, expected.data, expected.length);
}

int main(void)
{
	SUITE_ADD(reads, test_read);
	SUITE_ADD(writes, test_write);
	SUITE_ADD(answers, check_frame_case);
	return suite_run("eth");
}
