/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libFuzzer on lib/packet: any frame, in one buffer or cut in two. The first byte of the input
 * chooses the settings and the cut, the rest is the frame. Buffers are of exactly its size, so
 * that AddressSanitizer sees a single byte too far. The laws of a reply are checked as well.
 */
#include <stdlib.h>
#include <string.h>

#include <udpecho/packet.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void make_identity(struct identity *identity, uint8_t choice)
{
	const struct mac_address mac = {{2, 0, 0, 0, 0, 2}};
	struct port_set ports = {0};

	identity_init(identity, mac);
	identity_add_address(identity, BE32(0xc6120002), 24);
	port_set_add(&ports, 7);
	if (choice & 1)
		memset(&ports, 0xff, sizeof(ports));
	identity_serve(identity, &ports);
	identity->accept_partial = choice & 2;
	identity->report_unreachable = choice & 4;
}

/* A copy of SIZE bytes with HEADROOM before them, and not one byte behind. */
static uint8_t *copy(const uint8_t *data, size_t size, size_t headroom)
{
	uint8_t *room = malloc(headroom + size);

	require(room != NULL);
	memcpy(room + headroom, data, size);
	return room;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct identity identity;
	const size_t headroom = ICMP_UNREACHABLE_HEADROOM;
	struct segment rest;
	struct frame frame;
	enum verdict verdict;
	uint8_t *first, *second;
	size_t length, cut;

	if (size == 0)
		return 0;
	make_identity(&identity, data[0]);
	length = size - 1;
	cut = data[0] & 8 ? length * (data[0] >> 4) / 16 : length;
	first = copy(data + 1, cut, headroom);
	second = copy(data + 1 + cut, length - cut, 0);
	rest = (struct segment){second, (uint32_t)(length - cut)};
	frame = (struct frame){
		.data = first + headroom,
		.contiguous = (uint32_t)cut,
		.length = (uint32_t)length,
		.rest = &rest,
		.headroom = (uint32_t)headroom,
	};
	verdict = packet_answer(&frame, &identity);
	if (verdict_kind(verdict) != VERDICT_KIND_REPLY) {
		require(frame.data == first + headroom && frame.length == length);
		require(memcmp(frame.data, data + 1, cut) == 0);
	} else if (verdict != VERDICT_ICMP_UNREACHABLE) {
		require(frame.length <= length && frame.data >= first + headroom);
	}
	free(first);
	free(second);
	return 0;
}
