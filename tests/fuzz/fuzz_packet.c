/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any frame, for any identity, in one buffer or cut in several. The first bytes of the input say
 * who we are and how the frame arrives, the rest is the frame. The laws of a reply are checked:
 * how long it is, who it goes to, and that the payload is the request's.
 */
#include <stdlib.h>
#include <string.h>

#include <udpecho/packet/packet.h>

#include "fuzz.h"
#include "mend.h"

#define CUTS_MAX 3

enum choice { /* bits of the first byte */
	CHOOSE_ANY_PORT = 1,
	CHOOSE_PARTIAL = 2,
	CHOOSE_UNREACHABLE = 4,
	CHOOSE_ACL = 8,
	CHOOSE_HEADROOM = 16,
	CHOOSE_OTHER_IDENTITY = 32,
	CHOOSE_MEND = 64, /* the checksums are made right, as no fuzzer would guess them */
	CHOOSE_MANY = 128,
};

enum arrival { /* bits of the second */
	ARRIVE_GOOD = 1,
	ARRIVE_PARTIAL = 2,
	ARRIVE_REASSEMBLED = 4,
	ARRIVE_CUTS = 8, /* and 16: how many */
};

static bool is_odd(const void *acl, struct ip_address source)
{
	(void)acl;
	return be32_get(ip_address_ipv4(source)) & 1;
}

/* 2001:2::, and LAST in its last bytes. */
static struct ip_address ipv6_of(uint32_t last)
{
	return (struct ip_address){{BE32(0x20010002), BE32(0), BE32(0), BE32(last)}};
}

/* What all of a choice have in common: to make that takes longer than a frame does. */
static const struct identity *common_identity(uint8_t choice)
{
	static struct identity made[CHOOSE_HEADROOM]; /* too large for the stack */
	struct identity *identity = &made[choice & (CHOOSE_HEADROOM - 1)];
	struct port_set ports = {0};

	if (identity->ttl != 0)
		return identity;
	identity_init(identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	identity_add_address(identity, ip_prefix_of_ipv4(BE32(0xc6120002), 24));
	identity_add_address(identity, (struct ip_prefix){ipv6_of(2), 64});
	port_set_add(&ports, 7);
	if (choice & CHOOSE_ANY_PORT)
		memset(&ports, 0xff, sizeof(ports));
	identity_serve(identity, SERVICE_ECHO, &ports);
	identity->accept_partial = choice & CHOOSE_PARTIAL;
	identity->link_mtu = choice & CHOOSE_PARTIAL ? 600 : 0;
	identity->report_unreachable = choice & CHOOSE_UNREACHABLE;
	if (choice & CHOOSE_ACL)
		identity->source_is_allowed = is_odd;
	return identity;
}

static const struct identity *make_identity(uint8_t choice, struct input *input)
{
	static struct identity other;
	uint16_t port;

	if (!(choice & (CHOOSE_OTHER_IDENTITY | CHOOSE_MANY)))
		return common_identity(choice);
	other = *common_identity(choice);
	if (choice & CHOOSE_OTHER_IDENTITY) {
		for (size_t i = 0; i < sizeof(other.mac.bytes); i++)
			other.mac.bytes[i] = input_byte(input);
		other.ttl = (uint8_t)(1 + input_below(input, 255));
		port = input_number(input);
		other.service[port] = SERVICE_ECHO;
		port_set_add(&other.blocked, port);
	}
	if (choice & CHOOSE_MANY)
		for (uint32_t count = input_below(input, IDENTITY_ADDRESSES_MAX); count > 0;
			count--) {
			const uint32_t length = input_below(input, 33);
			const uint32_t word = input_word(input);

			identity_add_address(
				&other, word & 1 ? (struct ip_prefix){ipv6_of(word), 64}
						 : ip_prefix_of_ipv4(BE32(word), length));
		}
	return &other;
}

/* A frame in runs of bytes, each in memory of its own. */
struct memory {
	uint8_t *runs[CUTS_MAX + 1];
	struct segment rest[CUTS_MAX];
	struct frame frame;
};

static void place(struct memory *memory, const uint8_t *data, size_t size, uint8_t arrival,
	size_t headroom, struct input *input)
{
	const unsigned int count = arrival / ARRIVE_CUTS & 3;
	size_t ends[CUTS_MAX + 1], begin;

	for (unsigned int i = 0; i < count; i++) /* each behind the one before */
		ends[i] = (i > 0 ? ends[i - 1] : 0) +
			  input_below(input, (uint32_t)(size - (i > 0 ? ends[i - 1] : 0)) + 1);
	ends[count] = size;
	memory->runs[0] = copy_of(data, ends[0], headroom);
	begin = ends[0];
	for (unsigned int i = 0; i < count; i++) {
		memory->runs[i + 1] = copy_of(data + begin, ends[i + 1] - begin, 0);
		memory->rest[i] =
			(struct segment){memory->runs[i + 1], (uint32_t)(ends[i + 1] - begin)};
		begin = ends[i + 1];
	}
	memory->frame = (struct frame){
		.data = memory->runs[0] + headroom,
		.contiguous = (uint32_t)ends[0],
		.length = (uint32_t)size,
		.rest = memory->rest,
		.headroom = (uint32_t)headroom,
		.l4_checksum_good = arrival & ARRIVE_GOOD,
		.l4_checksum_partial = arrival & ARRIVE_PARTIAL,
		.reassembled = arrival & ARRIVE_REASSEMBLED,
	};
}

/* All of a frame in one run, for free(). */
static uint8_t *gather(const struct frame *frame)
{
	uint8_t *all = malloc(frame->length + 1);
	uint32_t at = frame->contiguous;

	require(all != NULL && frame->contiguous <= frame->length, "more contiguous than there is");
	memcpy(all, frame->data, frame->contiguous);
	for (const struct segment *run = frame->rest; at < frame->length; run++) {
		const uint32_t left = frame->length - at;
		const uint32_t here = run->length < left ? run->length : left;

		memcpy(all + at, run->data, here);
		at += here;
	}
	return all;
}

/* Where the headers of a whole datagram are. */
struct place {
	size_t ip, addresses, address_size, udp;
};

static struct place place_of(const uint8_t *frame, size_t size)
{
	size_t ip = 14;
	uint8_t next;

	while (number_at(frame + ip - 2) == 0x8100 || number_at(frame + ip - 2) == 0x88a8)
		ip += 4;
	if (number_at(frame + ip - 2) == 0x86dd)
		return (struct place){ip, ip + 8, 16, behind_extensions(frame, size, ip, &next)};
	return (struct place){ip, ip + 12, 4, ip + (frame[ip] & 15) * 4U};
}

/* Whether the SIZE bytes at A and those behind them are at B in the other order. */
static bool are_swapped(const uint8_t *a, const uint8_t *b, size_t size)
{
	return memcmp(a, b + size, size) == 0 && memcmp(a + size, b, size) == 0;
}

/* An echo's ends have changed places, at every layer, and what it says is what was said. */
static void check_echo(const uint8_t *request, size_t size, const struct frame *reply)
{
	uint8_t *echo = gather(reply);
	const struct place was = place_of(request, size), is = place_of(echo, reply->length);
	const size_t length = number_at(request + was.udp + 4);
	const size_t headers = was.address_size == 16 ? 40 : 20;

	require(are_swapped(echo, request, 6), "the MACs have not changed places");
	require(is.ip == was.ip && memcmp(echo + 12, request + 12, is.ip - 12) == 0,
		"the tags are others");
	require(was.address_size != 16 || memcmp(echo + is.ip, request + was.ip, 4) == 0,
		"the traffic class or the flow label is another");
	require(is.udp == is.ip + headers, "options or extension headers are sent back");
	require(are_swapped(echo + is.addresses, request + was.addresses, is.address_size),
		"the addresses have not changed places");
	require(are_swapped(echo + is.udp, request + was.udp, 2),
		"the ports have not changed places");
	require(reply->length == is.udp + length, "the reply does not end with the datagram");
	require(memcmp(echo + is.udp + 8, request + was.udp + 8, length - 8) == 0,
		"the payload is another");
	free(echo);
}

static void check(const struct memory *memory, const uint8_t *request, size_t size,
	uint32_t contiguous, size_t headroom, enum verdict verdict)
{
	const struct frame *frame = &memory->frame;
	const uint8_t *const first = memory->runs[0] + headroom;

	if (verdict_kind(verdict) != VERDICT_KIND_REPLY) {
		require(frame->data == first && frame->length == size &&
				frame->contiguous == contiguous,
			"a drop has moved");
		require(contiguous == 0 || memcmp(first, request, contiguous) == 0,
			"a drop has changed");
	} else if (verdict == VERDICT_ICMP_UNREACHABLE || verdict == VERDICT_ND_REPLY) {
		require(frame->data >= memory->runs[0], "it is before the headroom");
		require(frame->length <= size + headroom, "longer than the headroom lets it be");
		require(verdict != VERDICT_ND_REPLY || frame->length <= size + 8,
			"an advertisement is longer than its option makes it");
	} else {
		require(frame->data >= first, "a reply before its request");
		require(frame->data + frame->contiguous <= first + contiguous,
			"a reply behind its request");
		require(frame->length <= size, "longer than the request");
	}
	if (verdict == VERDICT_UDP_ECHO)
		check_echo(request, size, frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	const uint8_t choice = input_byte(&input), arrival = input_byte(&input);
	const struct identity *identity = make_identity(choice, &input);
	const size_t headroom =
		choice & CHOOSE_HEADROOM ? input_below(&input, ICMP6_UNREACHABLE_HEADROOM + 1) : 0;
	struct input cuts;
	struct memory memory = {0};
	struct datagram datagram;
	uint8_t *request;
	uint32_t contiguous;
	enum verdict verdict;

	cuts.size = 2 * CUTS_MAX;
	cuts.data = input_bytes(&input, &cuts.size);
	request = copy_of(input.data, input.size, 0);
	if (choice & CHOOSE_MEND)
		mend_frame(request, input.size, arrival & ARRIVE_PARTIAL);
	place(&memory, request, input.size, arrival, headroom, &cuts);
	contiguous = memory.frame.contiguous;
	verdict = packet_read(&memory.frame, identity, &datagram);
	if (verdict == VERDICT_ARP_IGNORED)
		(void)arp_is_conflict(&memory.frame, identity, datagram.packet.offset);
	packet_write_reply(&memory.frame, identity, verdict, &datagram);
	check(&memory, request, input.size, contiguous, headroom, verdict);
	free(request);
	for (unsigned int i = 0; i <= CUTS_MAX; i++)
		free(memory.runs[i]);
	return 0;
}
