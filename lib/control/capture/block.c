/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pcapng.h>

#include <udpecho/control/explain.h>
#include <udpecho/datapath/capture.h>

#include "capture/block.h"

#define COMMENT_MAX  256
#define OPTION_BYTES 4 /* an option's code and length */

/* An enhanced packet block: draft-ietf-opsawg-pcapng 4.3, in the byte order of this machine. */
struct packet_block {
	uint32_t type;
	uint32_t length; /* the block ends with it again */
	uint32_t interface;
	uint32_t time_high, time_low; /* nanoseconds */
	uint32_t captured_length;
	uint32_t original_length;
};

struct block_option {
	uint16_t code;
	uint16_t length; /* of DATA, without the padding to 4 bytes */
	char data[];
};

enum { OPTION_END = 0, OPTION_COMMENT = 1 };

/* Writes, for example, "udp-checksum: header says 0x1234, computes to 0xee46". */
static void comment_on(struct rte_mbuf *copy, char *text, size_t size)
{
	const struct capture_note *note = capture_note(copy);
	FILE *stream = fmemopen(text, size, "w");

	*text = '\0';
	if (stream == NULL)
		return;
	fprintf(stream, "%s: ", verdict_name(note->verdict));
	if (verdict_kind(note->verdict) == VERDICT_KIND_DROP) {
		const struct frame frame = {
			.data = rte_pktmbuf_mtod(copy, uint8_t *),
			.contiguous = copy->data_len,
			.length = note->length,
		};

		explain_drop(&frame, note->verdict, stream);
	} else {
		fputs(verdict_text(note->verdict), stream);
	}
	fclose(stream);
	text[size - 1] = '\0';
}

/*
 * Adds to MBUF, a block that rte_pcapng_copy() made, what that function has no parameters for: the
 * comment, and the time and length of the frame. (rte_pcapng_copy() converts the TSC too, but in a
 * way that several threads must not share.) Returns false if MBUF has no room.
 */
static bool complete_block(
	const struct clock_point *now, double hz, struct rte_mbuf *mbuf, struct rte_mbuf *copy)
{
	const struct capture_note *note = capture_note(copy);
	struct packet_block *block = rte_pktmbuf_mtod(mbuf, struct packet_block *);
	const uint64_t ns = clock_ns_at(now, note->when, hz);
	const uint32_t old = block->length - (uint32_t)sizeof(block->length);
	struct block_option *option;
	char text[COMMENT_MAX];
	uint32_t padded, added;

	comment_on(copy, text, sizeof(text));
	padded = RTE_ALIGN((uint32_t)strlen(text), 4);
	added = OPTION_BYTES + padded + OPTION_BYTES;
	if (rte_pktmbuf_append(mbuf, (uint16_t)added) == NULL)
		return false;
	option = rte_pktmbuf_mtod_offset(mbuf, struct block_option *, old);
	option->code = OPTION_COMMENT;
	option->length = (uint16_t)strlen(text);
	memset(option->data, 0, padded);
	memcpy(option->data, text, option->length);
	option = rte_pktmbuf_mtod_offset(mbuf, struct block_option *, old + OPTION_BYTES + padded);
	option->code = OPTION_END;
	option->length = 0;
	block->length += added;
	*rte_pktmbuf_mtod_offset(mbuf, uint32_t *, old + added) = block->length;
	block->time_high = (uint32_t)(ns >> 32);
	block->time_low = (uint32_t)ns;
	block->original_length = note->length;
	return true;
}

struct rte_mbuf *capture_block_make(
	struct rte_mbuf *copy, struct rte_mempool *pool, const struct clock_point *now, double hz)
{
	const struct capture_note *note = capture_note(copy);
	struct rte_mbuf *block = rte_pcapng_copy(note->tap->port, note->tap->queue, copy, pool,
		UINT32_MAX, rte_rdtsc(),
		note->is_sent ? RTE_PCAPNG_DIRECTION_OUT : RTE_PCAPNG_DIRECTION_IN);

	if (block != NULL && !complete_block(now, hz, block, copy)) {
		rte_pktmbuf_free(block);
		return NULL;
	}
	return block;
}

uint32_t capture_block_room(uint32_t snaplen)
{
	return rte_pcapng_mbuf_size(snaplen) + RTE_PKTMBUF_HEADROOM + COMMENT_MAX;
}
