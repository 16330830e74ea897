/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Eva's way into lib/packet: any frame, to any identity. The contiguous part has FIRST to LAST
 * bytes, each length in a buffer of exactly that size, and the frame may go on behind it: so a
 * whole frame of that length is among them. An alarm is a byte that might be touched outside, or
 * read before it was written, or a value that the C standard leaves open.
 */
#include <stdlib.h>

#include <udpecho/packet/packet.h>

#include "__fc_builtin.h"

#define ROOM ICMP6_UNREACHABLE_HEADROOM /* the most that a reply takes */

static struct identity identity;
static uint8_t bytes[LAST + 1];

static bool any_bool(void)
{
	return Frama_C_interval(0, 1);
}

/* An access list with an opinion of its own. */
static bool is_allowed(const void *acl, struct ip_address source)
{
	(void)acl;
	(void)source;
	return any_bool();
}

static void make_identity(void)
{
	bool (*const lists[])(const void *, struct ip_address) = {NULL, is_allowed};

	Frama_C_make_unknown((char *)&identity, sizeof(identity));
	identity.ttl = Frama_C_unsigned_char_interval(1, UINT8_MAX);
	identity.ipv4_count = Frama_C_unsigned_char_interval(0, IDENTITY_ADDRESSES_MAX);
	identity.ipv6_count = Frama_C_unsigned_char_interval(0, IDENTITY_ADDRESSES_MAX);
	identity.report_unreachable = any_bool();
	identity.accept_partial = any_bool();
	identity.source_is_allowed = lists[Frama_C_interval(0, 1)];
	identity.acl = NULL;
}

/*
 * Headroom is bytes that are there, but not written: reading one is an alarm, and one that holds
 * something afterwards was written.
 */
static void answer(uint32_t size)
{
	uint8_t *const room = malloc(ROOM + size);
	struct frame frame = {
		.data = room + ROOM,
		.contiguous = size,
		.length = Frama_C_unsigned_int_interval(size, UINT32_MAX),
		.headroom = Frama_C_unsigned_int_interval(0, UINT32_MAX),
		.l4_checksum_good = any_bool(),
		.l4_checksum_partial = any_bool(),
		.reassembled = any_bool(),
	};
	enum verdict verdict;
	uint32_t taken;

	if (size > 0)
		memcpy(frame.data, bytes, size);
	verdict = packet_answer(&frame, &identity);
	//@ assert one_verdict: 0 <= verdict < VERDICT_COUNT;
	taken = frame.data < room + ROOM ? (uint32_t)(room + ROOM - frame.data) : 0;
	//@ assert has_room: taken <= frame.headroom;
	/*@ assert no_room_taken: verdict == VERDICT_ICMP_UNREACHABLE ||
	      verdict == VERDICT_ND_REPLY ||
	      (\forall integer i; 0 <= i < ROOM ==> !\initialized(room + i)); */
	free(room);
}

void prove(void)
{
	make_identity();
	Frama_C_make_unknown((char *)bytes, sizeof(bytes));
	//@ loop unroll LAST - FIRST + 1;
	for (uint32_t size = FIRST; size <= LAST; size++)
		answer(size);
}
