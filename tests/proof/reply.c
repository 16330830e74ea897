/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where each byte of a reply comes from, for any frame to any identity. programs.py runs this, and
 * takes sums and what it asks of an identity for anything.
 */
#include <udpecho/packet/packet.h>

#include "symbolic/symbolic.h"

#define ROOM ICMP6_UNREACHABLE_HEADROOM /* the most that a reply takes */

enum { IP = 20, UDP = 8, ICMP = 8, ARP = 28 };

/* A frame as it came, and what packet_answer() made of it. */
struct exchange {
	const struct identity *identity;
	struct frame request, reply;
	uint32_t ip;      /* offset of what follows Ethernet and its tags */
	uint32_t payload; /* and of what follows the IPv4 header */
};

static uint16_t word(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

static uint32_t behind_tags(const struct frame *frame)
{
	uint32_t offset = 14;

	for (int tags = 0; tags < ETH_TAGS_MAX; tags++) {
		const uint16_t type = word(frame->data + offset - 2);

		if ((type != ETH_TYPE_VLAN && type != ETH_TYPE_QINQ) ||
			frame->contiguous < offset + 4)
			break;
		offset += 4;
	}
	return offset;
}

static bool is_allowed(const void *acl, struct ip_address source)
{
	(void)acl;
	(void)source;
	return any_bool();
}

static void make_identity(struct identity *identity)
{
	any(identity, sizeof(*identity));
	assume(identity->ttl > 0);
	identity->report_unreachable = any_bool();
	identity->accept_partial = any_bool();
	identity->source_is_allowed = is_allowed;
	identity->acl = NULL;
}

static void make_request(struct exchange *it)
{
	struct frame *frame = &it->request;
	uint32_t contiguous, length, headroom;

	any(&contiguous, sizeof(contiguous));
	any(&length, sizeof(length));
	any(&headroom, sizeof(headroom));
	assume(contiguous <= length);
	*frame = (struct frame){
		.data = bytes(ROOM + (uint64_t)contiguous) + ROOM,
		.contiguous = contiguous,
		.length = length,
		.headroom = headroom,
		.l4_checksum_good = any_bool(),
		.l4_checksum_partial = any_bool(),
		.reassembled = any_bool(),
	};
}

/* Parts the ways by where the headers are. */
static void find_headers(struct exchange *it)
{
	struct frame *frame = &it->request;

	it->ip = it->payload = 0;
	if (frame->contiguous < 14)
		return;
	it->ip = behind_tags(frame);
	assume(it->ip == 14 + 4 * TAGS);
	assume(word(frame->data + it->ip - 2) != ETH_TYPE_IPV6);
	it->payload = it->ip + IP;
	if (frame->contiguous < it->ip + IP)
		return;
	if ((frame->data[it->ip] < 0x45) | (frame->data[it->ip] > 0x4f))
		return;
	frame->data[it->ip] = choose(frame->data[it->ip], 0x40 | WORDS, 0x40 | WORDS);
	it->payload = it->ip + (frame->data[it->ip] & 15) * 4;
}

/* The reply's bytes from FIRST until END are the request's from FROM on. */
static void check_same(
	const struct exchange *it, uint32_t first, uint32_t end, uint32_t from, const char *text)
{
	for (uint32_t i = 0; first + i < end; i++)
		check(it->reply.data[first + i] == it->request.data[from + i], text);
}

static void check_ethernet(const struct exchange *it)
{
	check_same(it, 0, 6, 6, "to the MAC that asked");
	check_same(it, 6, 12, 0, "from the MAC that was asked");
	check_same(it, 12, it->ip, 12, "tags and type as they were");
}

static be16_t field(const uint8_t *data)
{
	return *(const be16_t *)data;
}

/*
 * Of a header that had no options: what it was, with each word brought in that is another now. That
 * it is right then, sums.c says.
 */
static void check_header_sum(const struct exchange *it)
{
	const uint8_t *before = it->request.data + it->ip, *after = it->reply.data + it->ip;
	be16_t sum = field(before + 10);

	if (it->payload != it->ip + IP)
		return;
	if (word(before + 2) != word(after + 2))
		sum = checksum_update(sum, field(before + 2), field(after + 2));
	sum = checksum_update(sum, field(before + 8), field(after + 8));
	check(sum.raw == field(after + 10).raw, "the header's checksum, updated");
}

/* The header and, but for the first BEHIND bytes that the caller looks at, what follows. */
static void check_ipv4(const struct exchange *it, uint32_t behind)
{
	const uint8_t *before = it->request.data + it->ip, *after = it->reply.data + it->ip;
	const uint32_t gap = it->payload - it->ip - IP;
	uint32_t i;

	check(after[0] == 0x45, "a header without options");
	check(word(after + 2) == it->reply.length - it->ip, "the total length is the frame's");
	check_same(it, it->ip + 1, it->ip + 2, it->ip + 1, "TOS as it was");
	check_same(
		it, it->ip + 4, it->ip + 8, it->ip + 4, "identification and fragment as they were");
	check(after[9] == before[9], "the protocol as it was");
	check_same(it, it->ip + 12, it->ip + 16, it->ip + 16, "from the address that was asked");
	check_same(it, it->ip + 16, it->ip + 20, it->ip + 12, "to the address that asked");
	any(&i, sizeof(i));
	assume((i >= it->ip + IP + behind) & (i < it->reply.contiguous));
	check(it->reply.data[i] == it->request.data[i + gap], "the payload as it was");
	check(it->reply.contiguous <= it->reply.length, "the frame is not longer than itself");
	check(it->reply.length <= it->request.length - gap, "not longer than the request");
	check_header_sum(it);
}

static void check_udp(const struct exchange *it)
{
	const uint32_t udp = it->ip + IP;
	const uint8_t ttl = it->reply.data[it->ip + 8];

	check_ethernet(it);
	check_ipv4(it, UDP);
	check_same(it, udp, udp + 2, it->payload + 2, "from the port that was asked");
	check_same(it, udp + 2, udp + 4, it->payload, "to the port that asked");
	check_same(it, udp + 4, udp + 6, it->payload + 4, "the length as it was");
	check(it->reply.length == udp + word(it->request.data + it->payload + 4),
		"as long as the datagram");
	check((ttl == it->identity->ttl) | (ttl + 1 == it->request.data[it->ip + 8]),
		"the TTL is ours, or falls");
	check(ttl > 0, "a TTL that lives");
	if (!it->identity->accept_partial & !it->request.l4_checksum_partial)
		check_same(it, udp + 6, udp + 8, it->payload + 6, "the checksum as it was");
}

static void check_icmp(const struct exchange *it)
{
	const uint32_t icmp = it->ip + IP;

	check_ethernet(it);
	check_ipv4(it, 4);
	check(word(it->reply.data + icmp) == 0, "an echo reply");
	check(word(it->request.data + it->payload) == ICMP_ECHO << 8, "to an echo request");
	check(it->reply.data[it->ip + 8] == it->identity->ttl, "with our TTL");
}

static void check_unreachable(const struct exchange *it)
{
	const uint8_t *before = it->request.data + it->ip, *after = it->reply.data + it->ip;
	const uint32_t quoted = it->payload - it->ip + 8;

	check(it->identity->report_unreachable, "only where it is wanted");
	check(it->request.headroom >= ICMP_UNREACHABLE_HEADROOM, "only where there is room");
	check_same(it, 0, 6, 6, "to the MAC that asked");
	for (uint32_t i = 0; i < 6; i++)
		check(it->reply.data[6 + i] == it->identity->mac.bytes[i], "from our MAC");
	check_same(it, 12, it->ip, 12, "tags and type as they were");
	check(word(after) == 0x4500, "a header without options, and no TOS");
	check(word(after + 2) == IP + ICMP + quoted, "the total length is the frame's");
	check((word(after + 4) == 0) & (word(after + 6) == IPV4_DONT_FRAGMENT), "whole");
	check(word(after + 8) == (it->identity->ttl << 8 | IPV4_PROTOCOL_ICMP),
		"ICMP, with our TTL");
	check_same(it, it->ip + 12, it->ip + 16, it->ip + 16, "from the address that was asked");
	check_same(it, it->ip + 16, it->ip + 20, it->ip + 12, "to the address that asked");
	check(word(after + IP) == (ICMP_UNREACHABLE << 8 | ICMP_UNREACHABLE_PORT), "no such port");
	check((word(after + IP + 4) == 0) & (word(after + IP + 6) == 0), "and nothing else");
	for (uint32_t i = 0; i < quoted; i++)
		check(after[IP + ICMP + i] == before[i], "the header that asked, and 8 bytes");
	check(it->reply.length == it->ip + IP + ICMP + quoted, "and nothing behind");
}

static void check_arp(const struct exchange *it)
{
	const uint8_t *after = it->reply.data + it->ip;

	check_same(it, 0, 6, 6, "to the MAC that asked");
	check_same(it, 12, it->ip + 6, 12, "an ARP packet of the same kind");
	check(word(after + 6) == ARP_REPLY, "a reply");
	for (uint32_t i = 0; i < 6; i++) {
		check(it->reply.data[6 + i] == it->identity->mac.bytes[i], "from our MAC");
		check(after[8 + i] == it->identity->mac.bytes[i], "which is what was asked");
	}
	check_same(it, it->ip + 14, it->ip + 18, it->ip + 24, "of the address that was asked");
	check_same(it, it->ip + 18, it->ip + 28, it->ip + 8, "to who asked");
	check(it->reply.length == it->ip + ARP, "and nothing behind");
}

static void check_nothing(const struct exchange *it)
{
	uint32_t i;

	any(&i, sizeof(i));
	assume(i < ROOM + it->request.contiguous);
	check((it->reply.data - ROOM)[i] == (it->request.data - ROOM)[i], "not a byte has changed");
	check(it->reply.length == it->request.length, "nor the length");
}

void prove_reply(void)
{
	struct identity identity;
	struct exchange it = {.identity = &identity};
	uint8_t *data;

	make_identity(&identity);
	make_request(&it);
	find_headers(&it);
	data = it.request.data;
	it.reply = it.request;
	it.request.data = (uint8_t *)copy(data);
	switch (packet_answer(&it.reply, &identity)) {
	case VERDICT_UDP_ECHO:
		check_udp(&it);
		break;
	case VERDICT_ICMP_ECHO:
		check_icmp(&it);
		break;
	case VERDICT_ICMP_UNREACHABLE:
		check_unreachable(&it);
		break;
	case VERDICT_ARP_REPLY:
		check_arp(&it);
		break;
	default:
		check_nothing(&it);
		break;
	}
}
