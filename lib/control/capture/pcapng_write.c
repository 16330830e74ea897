/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capture/pcapng_write.h"
#include "pcapng_format.h"

#define NANOSECONDS   9 /* if_tsresol: 10^-9 s */
#define HASH_TOEPLITZ 5
#define MAC_BYTES     6

enum { FLAGS_INBOUND = 1, FLAGS_OUTBOUND = 2 };

/* Where the block begins, and, but for the type, where it ends. */
struct head {
	uint32_t type;
	uint32_t length;
};

/* Adds BYTES, padded to a multiple of 4. What finds no room still counts, for end() to see. */
static void put(struct pcapng_block *block, const void *bytes, size_t length)
{
	const size_t padded = (length + 3) & ~(size_t)3;

	if (block->length <= block->room && padded <= block->room - block->length) {
		memset(block->bytes + block->length, 0, padded);
		if (length > 0)
			memcpy(block->bytes + block->length, bytes, length);
	}
	block->length += padded;
}

static void put_option(struct pcapng_block *block, uint16_t code, const void *value, size_t length)
{
	const uint16_t head[] = {code, (uint16_t)length};

	put(block, head, sizeof(head));
	put(block, value, length);
}

static void put_text(struct pcapng_block *block, uint16_t code, const char *text)
{
	if (text != NULL)
		put_option(block, code, text, strlen(text));
}

static void begin(
	struct pcapng_block *block, enum pcapng_block_type type, const void *body, size_t length)
{
	const struct head head = {.type = type};

	block->length = 0;
	put(block, &head, sizeof(head));
	put(block, body, length);
}

/* Ends the options, and says twice how long the block is. */
static bool end(struct pcapng_block *block)
{
	uint32_t length;

	put_option(block, OPTION_END, NULL, 0);
	length = (uint32_t)(block->length + sizeof(length));
	put(block, &length, sizeof(length));
	if (block->length > block->room)
		return false;
	memcpy(block->bytes + offsetof(struct head, length), &length, sizeof(length));
	return true;
}

bool pcapng_make_section(struct pcapng_block *block, const char *application, const char *comment)
{
	const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t length[2];
	} body = {PCAPNG_BYTE_ORDER_MAGIC, 1, 0,
		{UINT32_MAX, UINT32_MAX}}; /* length: to the file's end */

	begin(block, BLOCK_SECTION, &body, sizeof(body));
	put_text(block, SECTION_APPLICATION, application);
	put_text(block, OPTION_COMMENT, comment);
	return end(block);
}

bool pcapng_make_interface(struct pcapng_block *block, const struct pcapng_place *place)
{
	const struct {
		uint16_t link, reserved;
		uint32_t snaplen;
	} body = {PCAPNG_LINK_ETHERNET, 0, 0}; /* snaplen 0: no limit */
	const uint8_t resolution = NANOSECONDS;

	begin(block, BLOCK_INTERFACE, &body, sizeof(body));
	put_option(block, INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	put_text(block, INTERFACE_NAME, place->name);
	if (place->mac != NULL)
		put_option(block, INTERFACE_MAC, place->mac, MAC_BYTES);
	if (place->speed != 0)
		put_option(block, INTERFACE_SPEED, &place->speed, sizeof(place->speed));
	put_text(block, INTERFACE_HARDWARE, place->hardware);
	return end(block);
}

bool pcapng_make_packet(struct pcapng_block *block, const struct pcapng_frame *frame)
{
	const uint32_t body[] = {frame->interface, (uint32_t)(frame->ns >> 32), (uint32_t)frame->ns,
		frame->captured, frame->length};
	const uint32_t flags = frame->is_sent ? FLAGS_OUTBOUND : FLAGS_INBOUND;

	begin(block, BLOCK_ENHANCED, body, sizeof(body));
	put(block, frame->data, frame->captured);
	put_option(block, PACKET_FLAGS, &flags, sizeof(flags));
	put_option(block, PACKET_QUEUE, &frame->queue, sizeof(frame->queue));
	if (frame->rss_hash != NULL) {
		uint8_t hash[1 + sizeof(*frame->rss_hash)] = {HASH_TOEPLITZ};

		memcpy(hash + 1, frame->rss_hash, sizeof(*frame->rss_hash));
		put_option(block, PACKET_HASH, hash, sizeof(hash));
	}
	put_text(block, OPTION_COMMENT, frame->comment);
	return end(block);
}

bool pcapng_make_statistics(struct pcapng_block *block, uint32_t interface, uint64_t ns,
	uint64_t received, uint64_t dropped)
{
	const uint32_t body[] = {interface, (uint32_t)(ns >> 32), (uint32_t)ns};

	begin(block, BLOCK_STATISTICS, body, sizeof(body));
	put_option(block, STATISTICS_RECEIVED, &received, sizeof(received));
	put_option(block, STATISTICS_DROPPED, &dropped, sizeof(dropped));
	return end(block);
}

int pcapng_write(int descriptor, const struct pcapng_block *block)
{
	size_t done = 0;

	while (done < block->length) {
		const ssize_t length = write(descriptor, block->bytes + done, block->length - done);

		if (length < 0 && errno != EINTR)
			return -errno;
		if (length == 0)
			return -ENOSPC;
		done += length > 0 ? (size_t)length : 0;
	}
	return 0;
}
