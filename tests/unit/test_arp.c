/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suite.h"

#define IGNORED .verdict = VERDICT_ARP_IGNORED
#define REPLIED .verdict = VERDICT_ARP_REPLY, .reply = ARP_ANSWERED

/* RFC 826; probes and announcements as in RFC 5227. */
static const struct frame_case cases[] = {
	{"a request, broadcast", ARP, REPLIED},
	{"a request, to our MAC", ARP, {{AT_ETH_DESTINATION, US}}, REPLIED},
	{"a request padded to 60 bytes", ARP "0102030405060708090a0b0c0d0e0f101112", REPLIED},
	{"a request behind a tag", BROADCAST THEM "8100 0064 0806 " ARP_BODY,
		.verdict = VERDICT_ARP_REPLY, .reply = TO_THEM "8100 0064 0806 " ARP_BODY_REPLY},
	{"a request behind two tags, padded",
		BROADCAST THEM "88a8 0064 8100 0005 0806 " ARP_BODY "ff",
		.verdict = VERDICT_ARP_REPLY,
		.reply = TO_THEM "88a8 0064 8100 0005 0806 " ARP_BODY_REPLY},
	{"a probe: from no address yet", ARP, {{AT_ARP_SENDER, "00000000"}}, REPLIED,
		.reply_edits = {{AT_ARP_TARGET, "00000000"}}},
	{"for our second address", ARP, {{AT_ARP_TARGET, "cb007109"}}, REPLIED,
		.reply_edits = {{AT_ARP_SENDER, "cb007109"}}},
	{"from an address of another subnet", ARP, {{AT_ARP_SENDER, "0a000001"}}, REPLIED,
		.reply_edits = {{AT_ARP_TARGET, "0a000001"}}},
	{"what its target MAC says does not matter", ARP, {{AT_ARP_TARGET_MAC, BROADCAST}},
		REPLIED},
	{"the frame goes to its own source, the packet names its sender", ARP,
		{{AT_ETH_SOURCE, "0a0b0c0d0e0f"}}, REPLIED,
		.reply_edits = {{AT_ETH_DESTINATION, "0a0b0c0d0e0f"}}},
	{"a sender's MAC of which each byte counts", ARP, {{AT_ARP_SENDER_MAC, "0a0b0c0d0e0f"}},
		REPLIED, .reply_edits = {{AT_ARP_TARGET_MAC, "0a0b0c0d0e0f"}}},
	{"hardware type 6, IEEE 802", ARP, {{AT_ARP_HARDWARE, "0006"}}, IGNORED},
	{"hardware type 256: the other byte order", ARP, {{AT_ARP_HARDWARE, "0100"}}, IGNORED},
	{"protocol IPv6", ARP, {{AT_ARP_PROTOCOL, "86dd"}}, IGNORED},
	{"protocol ARP", ARP, {{AT_ARP_PROTOCOL, "0806"}}, IGNORED},
	{"a hardware length of 5", ARP, {{AT_ARP_HARDWARE_LENGTH, "05"}}, IGNORED},
	{"a hardware length of 8", ARP, {{AT_ARP_HARDWARE_LENGTH, "08"}}, IGNORED},
	{"a protocol length of 3", ARP, {{AT_ARP_PROTOCOL_LENGTH, "03"}}, IGNORED},
	{"a protocol length of 16", ARP, {{AT_ARP_PROTOCOL_LENGTH, "10"}}, IGNORED},
	{"operation 0", ARP, {{AT_ARP_OPERATION, "0000"}}, IGNORED},
	{"a reply", ARP, {{AT_ARP_OPERATION, "0002"}}, IGNORED},
	{"a reply to our MAC", ARP, {{AT_ETH_DESTINATION, US}, {AT_ARP_OPERATION, "0002"}},
		IGNORED},
	{"operation 3, reverse ARP", ARP, {{AT_ARP_OPERATION, "0003"}}, IGNORED},
	{"operation 256: the other byte order", ARP, {{AT_ARP_OPERATION, "0100"}}, IGNORED},
	{"from a group's MAC", ARP, {{AT_ARP_SENDER_MAC, "030000000001"}}, IGNORED},
	{"from the broadcast MAC", ARP, {{AT_ARP_SENDER_MAC, BROADCAST}}, IGNORED},
	{"from our address: a conflict, no question", ARP, {{AT_ARP_SENDER, "c6120002"}}, IGNORED},
	{"from our second address", ARP, {{AT_ARP_SENDER, "cb007109"}}, IGNORED},
	{"for an address next to ours", ARP, {{AT_ARP_TARGET, "c6120003"}}, IGNORED},
	{"for the subnet's broadcast", ARP, {{AT_ARP_TARGET, "c61200ff"}}, IGNORED},
	{"for address 0", ARP, {{AT_ARP_TARGET, "00000000"}}, IGNORED},
	{"an announcement: sender and target are the same stranger", ARP,
		{{AT_ARP_TARGET, "c6120001"}}, IGNORED},
	{"the access list is not about ARP", ARP, .who = WHO_DENIES, REPLIED},
	{"we have no address", ARP, .who = WHO_NOBODY, IGNORED},
	{"an empty packet", BROADCAST THEM "0806", IGNORED},
	{"27 bytes",
		BROADCAST THEM "0806 0001 0800 06 04 0001 " THEM "c6120001 000000000000 c61200",
		IGNORED},
	{"28 bytes behind a tag, of which the last is missing",
		BROADCAST THEM "8100 0001 0806 0001 0800 06 04 0001 " THEM
			       "c6120001 000000000000 c61200",
		IGNORED},
};

/* arp_read() and arp_write_reply() on their own, at an offset that no Ethernet header has. */
static void test_offset(void **state)
{
	struct bytes bytes = bytes_of(TO_US "ffff " ARP_BODY "aabb");
	const struct bytes expected = bytes_of(TO_THEM "ffff " ARP_BODY_REPLY);
	struct frame frame = {.data = bytes.data, .contiguous = 44, .length = 44};
	const struct identity *identity = identity_of(WHO_ECHO);

	(void)state;
	assert_int_equal(arp_read(&frame, identity, 13), VERDICT_ARP_IGNORED);
	assert_int_equal(arp_read(&frame, identity, 15), VERDICT_ARP_IGNORED);
	assert_int_equal(arp_read(&frame, identity, 14), VERDICT_ARP_REPLY);
	arp_write_reply(&frame, identity, 14);
	assert_int_equal(frame.length, 42);
	assert_int_equal(frame.contiguous, 42);
	assert_memory_equal(bytes.data, expected.data, expected.length);
	assert_memory_equal(bytes.data + 42, "\xaa\xbb", 2);
}

/* RFC 5227 2.4: does the packet show that another station uses an address of ours? */
struct conflict_case {
	const char *about;
	const char *packet; /* behind an Ethernet header */
	bool conflict;
};

#define PACKET(operation, mac, address) \
	"0001 0800 06 04 " operation " " mac address " 000000000000 c6120063"

static const struct conflict_case conflicts[] = {
	{"conflict: a reply from our address", PACKET("0002", THEM, "c6120002"), true},
	{"conflict: a request from our address", PACKET("0001", THEM, "c6120002"), true},
	{"conflict: from our second address", PACKET("0002", THEM, "cb007109"), true},
	{"conflict: a MAC that differs in its first byte",
		PACKET("0002", "030000000002", "c6120002"), true},
	{"conflict: a MAC that differs in its last byte",
		PACKET("0002", "020000000003", "c6120002"), true},
	{"conflict: our own announcement comes back", PACKET("0001", US, "c6120002"), false},
	{"conflict: from another address", PACKET("0002", THEM, "c6120003"), false},
	{"conflict: a probe for our address, from none",
		"0001 0800 06 04 0001 " THEM "00000000 000000000000 c6120002", false},
	{"conflict: on other hardware",
		"0006 0800 06 04 0002 " THEM "c6120002 000000000000 c6120063", false},
	{"conflict: of another protocol",
		"0001 86dd 06 04 0002 " THEM "c6120002 000000000000 c6120063", false},
	{"conflict: another hardware length",
		"0001 0800 08 04 0002 " THEM "c6120002 000000000000 c6120063", false},
	{"conflict: another protocol length",
		"0001 0800 06 10 0002 " THEM "c6120002 000000000000 c6120063", false},
	{"conflict: 27 bytes", "0001 0800 06 04 0002 " THEM "c6120002 000000000000 c61200", false},
	{"conflict: no byte", "", false},
};

static void test_conflict(void **state)
{
	const struct conflict_case *row = *state;
	const struct bytes packet = bytes_of(row->packet);
	const uint32_t length = 14 + packet.length;
	uint8_t *data = malloc(length);
	const struct frame frame = {.data = data, .contiguous = length, .length = length + 50};

	memset(data, 0, 14);
	memcpy(data + 14, packet.data, packet.length);
	assert_int_equal(arp_is_conflict(&frame, identity_of(WHO_ECHO), 14), row->conflict);
	free(data);
}

/* From the second of our addresses; RFC 5227 2.1.1 and 2.3. */
static const struct request_case {
	const char *about;
	be32_t sender;
	const char *expected;
} requests[] = {
	{"a probe", BE32(0),
		BROADCAST US "0806 0001 0800 06 04 0001 " US "00000000 000000000000 cb007109"},
	{"an announcement", BE32(0xcb007109),
		BROADCAST US "0806 0001 0800 06 04 0001 " US "cb007109 000000000000 cb007109"},
};

static void test_request(void **state)
{
	const struct request_case *row = *state;
	const struct bytes expected = bytes_of(row->expected);
	uint8_t *frame = malloc(ARP_REQUEST_LENGTH);

	assert_int_equal(ARP_REQUEST_LENGTH, expected.length);
	memset(frame, 0xff, ARP_REQUEST_LENGTH);
	arp_write_request(frame, identity_of(WHO_ECHO)->mac, row->sender, BE32(0xcb007109));
	assert_memory_equal(frame, expected.data, expected.length);
	free(frame);
}

int main(void)
{
	SUITE_ADD(cases, check_frame_case);
	suite_add("read and written at an offset", test_offset);
	SUITE_ADD(conflicts, test_conflict);
	SUITE_ADD(requests, test_request);
	return suite_run("arp");
}
