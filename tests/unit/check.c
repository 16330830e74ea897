/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suite.h"

/* A frame in memory. Each run of bytes is an allocation of its own, of exactly its size. */
struct memory {
	uint8_t *runs[4]; /* as allocated: the first begins before the frame, by shift and headroom
			   */
	struct segment rest[3];
	struct frame frame;
};

static uint8_t *copy(const uint8_t *data, uint32_t length, uint32_t before)
{
	uint8_t *run = malloc(before + length);

	assert_non_null(run);
	memcpy(run + before, data, length);
	return run;
}

static void memory_init(
	struct memory *memory, const struct bytes *bytes, const struct arrival *arrival)
{
	const uint32_t before = arrival->shift + arrival->headroom;
	const uint32_t contiguous = arrival->cut_count > 0 ? arrival->cuts[0] : bytes->length;

	memset(memory, 0, sizeof(*memory));
	memory->runs[0] = copy(bytes->data, contiguous, before);
	for (unsigned int i = 0; i < arrival->cut_count; i++) {
		const uint32_t begin = arrival->cuts[i];
		const uint32_t end =
			i + 1 < arrival->cut_count ? arrival->cuts[i + 1] : bytes->length;

		memory->runs[i + 1] = copy(bytes->data + begin, end - begin, 0);
		memory->rest[i] = (struct segment){memory->runs[i + 1], end - begin};
	}
	memory->frame = (struct frame){
		.data = memory->runs[0] + before,
		.contiguous = contiguous,
		.length = bytes->length,
		.rest = arrival->cut_count > 0 ? memory->rest : NULL,
		.headroom = arrival->headroom,
		.l4_checksum_good = arrival->l4_checksum_good,
		.l4_checksum_partial = arrival->l4_checksum_partial,
		.reassembled = arrival->reassembled,
	};
}

static void memory_free(struct memory *memory)
{
	for (unsigned int i = 0; i < COUNT(memory->runs); i++)
		free(memory->runs[i]);
}

/* All bytes of FRAME in one run. */
static struct bytes gather(const struct frame *frame)
{
	struct bytes bytes = {.length = frame->length};
	uint32_t at = frame->contiguous;

	assert_true(frame->contiguous <= frame->length);
	memcpy(bytes.data, frame->data, frame->contiguous);
	for (const struct segment *segment = frame->rest; at < frame->length; segment++) {
		const uint32_t left = frame->length - at;
		const uint32_t here = segment->length < left ? segment->length : left;

		memcpy(bytes.data + at, segment->data, here);
		at += here;
	}
	return bytes;
}

static void check_unchanged(
	const struct frame *before, const struct frame *after, const struct bytes *request)
{
	const struct bytes bytes = gather(after);

	assert_ptr_equal(after->data, before->data);
	assert_int_equal(after->contiguous, before->contiguous);
	assert_int_equal(after->length, before->length);
	assert_memory_equal(bytes.data, request->data, request->length);
}

static void check_reply(const struct frame *before, const struct frame *after, enum verdict verdict,
	const struct bytes *expected)
{
	const bool grows = verdict == VERDICT_ICMP_UNREACHABLE || verdict == VERDICT_ND_REPLY;
	const uintptr_t first = (uintptr_t)before->data - (grows ? before->headroom : 0);
	const uintptr_t end = (uintptr_t)before->data + before->contiguous;
	struct bytes bytes;

	assert_in_range(after->length, 1, before->length + (grows ? before->headroom : 0));
	assert_in_range((uintptr_t)after->data, first, end);
	assert_in_range(after->contiguous, 1, end - (uintptr_t)after->data);
	if (expected == NULL)
		return;
	bytes = gather(after);
	assert_int_equal(bytes.length, expected->length);
	assert_memory_equal(bytes.data, expected->data, expected->length);
}

static enum verdict answer(const struct bytes *request, const struct arrival *arrival, enum who who,
	const struct bytes *reply)
{
	const struct identity *identity = identity_of(who);
	struct memory memory;
	struct frame before;
	enum verdict verdict;

	memory_init(&memory, request, arrival);
	before = memory.frame;
	verdict = packet_answer(&memory.frame, identity);
	assert_ptr_equal(memory.frame.rest, before.rest);
	if (verdict_kind(verdict) == VERDICT_KIND_REPLY)
		check_reply(&before, &memory.frame, verdict, reply);
	else
		check_unchanged(&before, &memory.frame, request);
	for (unsigned int i = 0; i < arrival->cut_count; i++)
		assert_memory_equal(memory.runs[i + 1], request->data + arrival->cuts[i],
			memory.rest[i].length);
	memory_free(&memory);
	return verdict;
}

void check_answer(const struct bytes *request, const struct arrival *arrival, enum who who,
	enum verdict verdict, const struct bytes *reply)
{
	assert_string_equal(
		verdict_name(answer(request, arrival, who, reply)), verdict_name(verdict));
}

enum verdict check_laws(const struct bytes *request, enum who who)
{
	return answer(request, &(struct arrival){.headroom = 48}, who, NULL);
}

static bool is_ethernets(enum verdict verdict)
{
	return verdict == VERDICT_ETH_RUNT || verdict == VERDICT_ETH_NOT_FOR_US ||
	       verdict == VERDICT_ETH_TYPE;
}

/* Given by the IPv4 header alone. */
static bool is_ips(enum verdict verdict)
{
	return (verdict >= VERDICT_IP_MALFORMED && verdict <= VERDICT_IP_PROTOCOL) ||
	       verdict == VERDICT_ACL;
}

enum verdict verdict_when_cut(const struct bytes *request, enum verdict whole, uint32_t contiguous)
{
	const uint32_t l3 = payload_offset(request);
	uint32_t l4;

	if (l3 == 0 || contiguous < l3)
		return VERDICT_ETH_RUNT;
	if (is_ethernets(whole))
		return whole;
	if (number_at(request, l3 - 2) == 0x0806)
		return contiguous < l3 + 28 ? VERDICT_ARP_IGNORED : whole;
	l4 = l3 + (request->data[l3] & 15) * 4U;
	if (contiguous < l3 + 20 || contiguous < l4)
		return VERDICT_IP_MALFORMED;
	if (is_ips(whole) || contiguous >= l4 + 8)
		return whole;
	if (number_at(request, l3 + 2) > request->length - l3)
		return VERDICT_IP_MALFORMED;
	return request->data[l3 + 9] == 17 ? VERDICT_UDP_MALFORMED : VERDICT_ICMP_IGNORED;
}

/* Cut in two, and in four, at each byte. */
static void check_cuts(
	const struct bytes *request, const struct frame_case *row, const struct bytes *reply)
{
	for (uint32_t at = 0; at <= request->length; at++) {
		const uint32_t next = at < request->length ? at + 1 : at;
		const enum verdict verdict = verdict_when_cut(request, row->verdict, at);
		struct arrival arrival = row->arrival;

		arrival.cuts[0] = at;
		arrival.cut_count = 1;
		check_answer(request, &arrival, row->who, verdict, reply);
		arrival.cuts[1] = next;
		arrival.cuts[2] = (next + request->length) / 2;
		arrival.cut_count = 3;
		check_answer(request, &arrival, row->who, verdict, reply);
	}
}

/* Cut short at each byte: a reply as long as all that the lengths speak of is there. */
static void check_short(
	const struct bytes *request, const struct frame_case *row, const struct bytes *reply)
{
	const uint32_t l3 = payload_offset(request);
	struct bytes cut = *request;

	for (cut.length = 0; cut.length < request->length; cut.length++) {
		enum verdict verdict = row->verdict;

		if (reply == NULL) {
			assert_int_not_equal(
				verdict_kind(check_laws(&cut, row->who)), VERDICT_KIND_REPLY);
			continue;
		}
		if (cut.length < l3)
			verdict = VERDICT_ETH_RUNT;
		else if (verdict == VERDICT_ARP_REPLY && cut.length < l3 + 28)
			verdict = VERDICT_ARP_IGNORED;
		else if (verdict != VERDICT_ARP_REPLY &&
			 cut.length < l3 + number_at(request, l3 + 2))
			verdict = VERDICT_IP_MALFORMED;
		check_answer(&cut, &row->arrival, row->who, verdict, reply);
	}
}

void check_frame_case(void **state)
{
	const struct frame_case *row = *state;
	const struct bytes request = frame_bytes(row->frame, row->edits, row->mend);
	const bool replied = row->reply != NULL;
	const struct bytes reply =
		frame_bytes(replied ? row->reply : "", row->reply_edits, row->reply_mend);

	assert_int_equal(replied, verdict_kind(row->verdict) == VERDICT_KIND_REPLY);
	for (uint32_t shift = 0; shift < 4; shift++) {
		struct arrival arrival = row->arrival;

		arrival.shift = shift;
		check_answer(&request, &arrival, row->who, row->verdict, replied ? &reply : NULL);
	}
	check_cuts(&request, row, replied ? &reply : NULL);
	check_short(&request, row, replied ? &reply : NULL);
}

static uint32_t end_of_ipv6(const struct bytes *request)
{
	const uint32_t ip = payload_offset(request);

	return ip + 40 + number_at(request, ip + 4);
}

/* How much of REQUEST must be contiguous for its verdict: the headers. Of neighbour discovery it is
 * all; and where there is no headroom, there must be padding for the option of the reply. */
static uint32_t needed_of(const struct bytes *request, const struct frame_case *row)
{
	const uint32_t ip = payload_offset(request), end = end_of_ipv6(request);
	uint8_t next;

	if (row->verdict != VERDICT_ND_REPLY)
		return extensions_end(request, ip, &next) + 8;
	return end + row->arrival.headroom < ip + 72 ? ip + 72 - row->arrival.headroom : end;
}

/* Cut in two and in four at each byte: a header beyond the first buffer counts as missing. */
static void check_cuts6(
	const struct bytes *request, const struct frame_case *row, const struct bytes *reply)
{
	const uint32_t needed = needed_of(request, row);

	for (uint32_t at = 0; at <= request->length; at++) {
		struct arrival arrival = row->arrival;

		arrival.cut_count = 3;
		arrival.cuts[0] = at;
		arrival.cuts[1] = at < request->length ? at + 1 : at;
		arrival.cuts[2] = (arrival.cuts[1] + request->length) / 2;
		if (at >= needed)
			check_answer(request, &arrival, row->who, row->verdict, reply);
		else
			assert_int_not_equal(
				verdict_kind(answer(request, &arrival, row->who, NULL)),
				VERDICT_KIND_REPLY);
	}
}

/* Cut short at each byte: no reply unless all that the lengths speak of is there. */
static void check_short6(
	const struct bytes *request, const struct frame_case *row, const struct bytes *reply)
{
	const uint32_t end = end_of_ipv6(request), needed = needed_of(request, row);
	struct bytes cut = *request;

	for (cut.length = 0; cut.length < request->length; cut.length++)
		if (reply != NULL && cut.length >= end && cut.length >= needed)
			check_answer(&cut, &row->arrival, row->who, row->verdict, reply);
		else
			assert_int_not_equal(
				verdict_kind(answer(&cut, &row->arrival, row->who, NULL)),
				VERDICT_KIND_REPLY);
}

void check_frame6_case(void **state)
{
	const struct frame_case *row = *state;
	const struct bytes request = frame_bytes(row->frame, row->edits, row->mend);
	const bool replied = row->reply != NULL;
	const struct bytes made =
		frame_bytes(replied ? row->reply : "86dd", row->reply_edits, row->reply_mend);
	const struct bytes *reply = replied ? &made : NULL;

	assert_int_equal(replied, verdict_kind(row->verdict) == VERDICT_KIND_REPLY);
	for (uint32_t shift = 0; shift < 4; shift++) {
		struct arrival arrival = row->arrival;

		arrival.shift = shift;
		check_answer(&request, &arrival, row->who, row->verdict, reply);
	}
	check_cuts6(&request, row, reply);
	check_short6(&request, row, reply);
}
