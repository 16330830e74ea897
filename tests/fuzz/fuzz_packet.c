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
			count--)
			identity_add_address(&other,
				ip_prefix_of_ipv4(BE32(input_word(input)), input_below(input, 33)));
	return &other;
}

static uint32_t number_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static void mend_at(uint8_t *checksum, uint32_t sum, const uint8_t *data, size_t length)
{
	checksum[0] = checksum[1] = 0;
	for (size_t i = 0; i < length; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	checksum[0] = (uint8_t)(~sum >> 8);
	checksum[1] = (uint8_t)~sum;
}

/* Makes the checksums of FRAME right, as far as there is a header to have one; UDP's may be
 * PARTIAL. */
static void mend(uint8_t *frame, size_t size, bool partial)
{
	uint32_t ip = 14, header, length;
	uint8_t *l4;

	while (ip < 22 && size >= ip && (frame[ip - 2] == 0x81 || frame[ip - 2] == 0x88))
		ip += 4;
	if (size < ip + 20)
		return;
	header = (frame[ip] & 15) * 4U;
	if (header < 20 || size < ip + header + 8)
		return;
	mend_at(frame + ip + 10, 0, frame + ip, header);
	l4 = frame + ip + header;
	length = frame[ip + 9] == 17 ? number_at(l4 + 4) : number_at(frame + ip + 2) - header;
	if (length < 8 || length > size - ip - header)
		return;
	if (frame[ip + 9] == 1)
		mend_at(l4 + 2, 0, l4, length);
	if (frame[ip + 9] == 17 && number_at(l4 + 6) != 0)
		mend_at(l4 + 6,
			17 + length + number_at(frame + ip + 12) + number_at(frame + ip + 14) +
				number_at(frame + ip + 16) + number_at(frame + ip + 18),
			l4, partial ? 0 : length);
	if (frame[ip + 9] == 17 && partial) { /* the sum of the pseudo-header as it is */
		l4[6] = (uint8_t)~l4[6];
		l4[7] = (uint8_t)~l4[7];
	}
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

/* An echo's ends have changed places, at every layer, and what it says is what was said. */
static void check_echo(const uint8_t *request, const struct frame *reply)
{
	uint32_t ip = 14, request_header, payload;
	uint8_t *echo = gather(reply);

	while (number_at(request + ip - 2) == 0x8100 || number_at(request + ip - 2) == 0x88a8)
		ip += 4;
	request_header = (request[ip] & 15) * 4U;
	payload = ip + 28;
	require(memcmp(echo, request + 6, 6) == 0 && memcmp(echo + 6, request, 6) == 0,
		"the MACs have not changed places");
	require(memcmp(echo + 12, request + 12, ip - 12) == 0, "the tags are others");
	require(memcmp(echo + ip + 12, request + ip + 16, 4) == 0 &&
			memcmp(echo + ip + 16, request + ip + 12, 4) == 0,
		"the addresses have not changed places");
	require(memcmp(echo + ip + 20, request + ip + request_header + 2, 2) == 0 &&
			memcmp(echo + ip + 22, request + ip + request_header, 2) == 0,
		"the ports have not changed places");
	require(reply->length == ip + 20 + number_at(request + ip + request_header + 4),
		"the reply does not end with the datagram");
	require(memcmp(echo + payload, request + ip + request_header + 8,
			reply->length - payload) == 0,
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
	} else if (verdict == VERDICT_ICMP_UNREACHABLE) {
		require(frame->data >= memory->runs[0], "it is before the headroom");
		require(frame->length <= size + headroom, "longer than the headroom lets it be");
	} else {
		require(frame->data >= first, "a reply before its request");
		require(frame->data + frame->contiguous <= first + contiguous,
			"a reply behind its request");
		require(frame->length <= size, "longer than the request");
	}
	if (verdict == VERDICT_UDP_ECHO)
		check_echo(request, frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	const uint8_t choice = input_byte(&input), arrival = input_byte(&input);
	const struct identity *identity = make_identity(choice, &input);
	const size_t headroom = choice & CHOOSE_HEADROOM ? ICMP_UNREACHABLE_HEADROOM : 0;
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
		mend(request, input.size, arrival & ARRIVE_PARTIAL);
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
