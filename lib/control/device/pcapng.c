/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "device/pcapng.h"
#include "pcapng_format.h"

#define BODY_MAX     (16 * 1024 * 1024)
#define MICROSECONDS 6
#define NS_PER_S     UINT64_C(1000000000)

/* The bytes of a block that are still to be read. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool is_swapped;
};

static uint16_t take16(struct cursor *cursor)
{
	uint16_t value = 0;

	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	cursor->left -= sizeof(value);
	return cursor->is_swapped ? __builtin_bswap16(value) : value;
}

static uint32_t take32(struct cursor *cursor)
{
	uint32_t value = 0;

	memcpy(&value, cursor->at, sizeof(value));
	cursor->at += sizeof(value);
	cursor->left -= sizeof(value);
	return cursor->is_swapped ? __builtin_bswap32(value) : value;
}

void pcapng_init(struct pcapng *pcapng, FILE *file)
{
	*pcapng = (struct pcapng){.file = file, .other_link_type = -1};
}

void pcapng_free(struct pcapng *pcapng)
{
	free(pcapng->interfaces);
	free(pcapng->body);
}

/* Returns 1, or 0 if the file ends before or within these bytes, or -1. */
static int read_bytes(struct pcapng *pcapng, void *bytes, size_t length, const char **why)
{
	const size_t got = fread(bytes, 1, length, pcapng->file);

	if (got == length)
		return 1;
	if (ferror(pcapng->file)) {
		*why = "the file cannot be read";
		return -1;
	}
	pcapng->is_cut |= got > 0;
	return 0;
}

static int fail(const char **why, const char *what)
{
	*why = what;
	return -1;
}

/* Skips the body of a block that we do not use. */
static int skip(struct pcapng *pcapng, size_t length, const char **why)
{
	uint8_t some[4096];

	while (length > 0) {
		const size_t part = length < sizeof(some) ? length : sizeof(some);
		const int result = read_bytes(pcapng, some, part, why);

		if (result <= 0)
			return result;
		length -= part;
	}
	return 1;
}

static int read_body(struct pcapng *pcapng, size_t length, const char **why)
{
	if (length > BODY_MAX)
		return fail(why, "a block of more than 16 MiB");
	if (length > pcapng->body_room) {
		uint8_t *grown = realloc(pcapng->body, length);

		if (grown == NULL)
			return fail(why, "no memory");
		pcapng->body = grown;
		pcapng->body_room = length;
	}
	return read_bytes(pcapng, pcapng->body, length, why);
}

/* Each section has its own byte order and its own interfaces. */
static int begin_section(struct pcapng *pcapng, uint8_t head[8], const char **why)
{
	struct cursor cursor = {head + 4, 4, false};
	uint32_t magic, length;
	int result;

	/* The magic number follows the length, and says how to read it. */
	result = read_bytes(pcapng, &magic, sizeof(magic), why);
	if (result <= 0)
		return result;
	pcapng->is_swapped = magic == __builtin_bswap32(PCAPNG_BYTE_ORDER_MAGIC);
	if (!pcapng->is_swapped && magic != PCAPNG_BYTE_ORDER_MAGIC)
		return fail(why, "a section without a valid byte order");
	cursor.is_swapped = pcapng->is_swapped;
	pcapng->interface_count = 0;
	length = take32(&cursor);
	if (length < 28 || length % 4 != 0)
		return fail(why, "a section whose header is too short");
	result = read_body(pcapng, length - 12, why);
	if (result <= 0)
		return result;
	cursor = (struct cursor){pcapng->body, 2, pcapng->is_swapped};
	return take16(&cursor) == 1 ? 1 : fail(why, "a version of pcapng that is not 1");
}

static void take_options(
	struct pcapng *pcapng, struct pcapng_interface *interface, struct cursor cursor)
{
	while (cursor.left >= 4) {
		const uint16_t code = take16(&cursor), length = take16(&cursor);
		const size_t padded = (length + 3U) & ~3U;

		if (code == OPTION_END || padded > cursor.left)
			return;
		if (code == INTERFACE_RESOLUTION && length == 1) {
			interface->resolution = *cursor.at;
		} else if (code == INTERFACE_OFFSET && length == 8) {
			uint64_t offset;

			memcpy(&offset, cursor.at, sizeof(offset));
			interface->offset = pcapng->is_swapped ? __builtin_bswap64(offset) : offset;
		}
		cursor.at += padded;
		cursor.left -= padded;
	}
}

static int add_interface(struct pcapng *pcapng, struct cursor cursor, const char **why)
{
	struct pcapng_interface *interface;

	if (cursor.left < 8)
		return fail(why, "an interface block that is too short");
	if (pcapng->interface_count == pcapng->interface_room) {
		const size_t room = 2 * pcapng->interface_room + 4;
		struct pcapng_interface *grown =
			reallocarray(pcapng->interfaces, room, sizeof(*grown));

		if (grown == NULL)
			return fail(why, "no memory");
		pcapng->interfaces = grown;
		pcapng->interface_room = room;
	}
	interface = &pcapng->interfaces[pcapng->interface_count++];
	*interface = (struct pcapng_interface){.resolution = MICROSECONDS};
	interface->link_type = take16(&cursor);
	take16(&cursor);
	interface->snaplen = take32(&cursor);
	take_options(pcapng, interface, cursor);
	pcapng->is_fine |= interface->resolution & 0x80 ? (interface->resolution & 0x7f) > 20
							: interface->resolution > MICROSECONDS;
	if (interface->link_type == PCAPNG_LINK_ETHERNET)
		pcapng->has_ethernet = true;
	else
		pcapng->other_link_type = interface->link_type;
	return 1;
}

static uint64_t to_ns(const struct pcapng_interface *interface, uint64_t time)
{
	unsigned int digits = interface->resolution & 0x7f;
	uint64_t ns = time;

	if (interface->resolution & 0x80) {
		if (digits > 63)
			return interface->offset * NS_PER_S;
		ns = (time >> digits) * NS_PER_S +
		     (uint64_t)(((unsigned __int128)(time & ((UINT64_C(1) << digits) - 1)) *
					NS_PER_S) >>
				digits);
	} else {
		for (; digits < 9; digits++)
			ns *= 10;
		for (; digits > 9 && ns > 0; digits--)
			ns /= 10;
	}
	return ns + interface->offset * NS_PER_S;
}

static int take_packet(struct pcapng *pcapng, struct cursor cursor, bool is_obsolete,
	struct pcapng_packet *packet, const char **why)
{
	const struct pcapng_interface *interface;
	uint32_t number;
	uint64_t time;

	if (cursor.left < 20)
		return fail(why, "a packet block that is too short");
	number = is_obsolete ? take16(&cursor) : take32(&cursor);
	if (is_obsolete)
		take16(&cursor); /* how many were dropped */
	if (number >= pcapng->interface_count)
		return fail(why, "a packet of an interface that does not exist");
	interface = &pcapng->interfaces[number];
	time = (uint64_t)take32(&cursor) << 32;
	time |= take32(&cursor);
	packet->captured = take32(&cursor);
	packet->length = take32(&cursor);
	if (packet->captured > cursor.left)
		return fail(why, "a packet longer than its block");
	packet->link_type = interface->link_type;
	packet->data = cursor.at;
	packet->ns = pcapng->last_ns = to_ns(interface, time);
	return 1;
}

static int take_simple(
	struct pcapng *pcapng, struct cursor cursor, struct pcapng_packet *packet, const char **why)
{
	if (cursor.left < 4)
		return fail(why, "a packet block that is too short");
	if (pcapng->interface_count == 0)
		return fail(why, "a packet of an interface that does not exist");
	packet->length = packet->captured = take32(&cursor);
	if (pcapng->interfaces[0].snaplen != 0 && packet->captured > pcapng->interfaces[0].snaplen)
		packet->captured = pcapng->interfaces[0].snaplen;
	if (packet->captured > cursor.left)
		return fail(why, "a packet longer than its block");
	packet->link_type = pcapng->interfaces[0].link_type;
	packet->data = cursor.at;
	packet->ns = pcapng->last_ns;
	return 1;
}

/* Returns 2 if the block has a packet, and otherwise as pcapng_next(). */
static int take_block(
	struct pcapng *pcapng, uint8_t head[8], struct pcapng_packet *packet, const char **why)
{
	struct cursor cursor = {head, 8, pcapng->is_swapped};
	const uint32_t type = take32(&cursor), length = take32(&cursor);
	const bool is_ours = type == BLOCK_INTERFACE || type == BLOCK_PACKET ||
			     type == BLOCK_SIMPLE || type == BLOCK_ENHANCED;
	int result;

	if (length < 12 || length % 4 != 0)
		return fail(why, "a block of an impossible length");
	result = is_ours ? read_body(pcapng, length - 8, why) : skip(pcapng, length - 8, why);
	if (result <= 0 || !is_ours)
		return result;
	cursor = (struct cursor){pcapng->body + length - 12, 4, pcapng->is_swapped};
	if (take32(&cursor) != length)
		return fail(why, "a block whose two lengths differ");
	cursor = (struct cursor){pcapng->body, length - 12, pcapng->is_swapped};
	if (type == BLOCK_INTERFACE)
		return add_interface(pcapng, cursor, why);
	result = type == BLOCK_SIMPLE
			 ? take_simple(pcapng, cursor, packet, why)
			 : take_packet(pcapng, cursor, type == BLOCK_PACKET, packet, why);
	return result == 1 ? 2 : result;
}

int pcapng_next(struct pcapng *pcapng, struct pcapng_packet *packet, const char **why)
{
	uint8_t head[8];
	uint32_t type;
	int result;

	while ((result = read_bytes(pcapng, head, sizeof(head), why)) == 1) {
		memcpy(&type, head, sizeof(type));
		result = type == BLOCK_SECTION ? begin_section(pcapng, head, why)
					       : take_block(pcapng, head, packet, why);
		if (result == 2)
			return 1;
		if (result == 0)
			pcapng->is_cut = true; /* the block has a head and no end */
		if (result <= 0)
			return result;
	}
	return result;
}
