/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <rte_mbuf.h>

#include <udpecho/datapath/drops.h>

#define ATTEMPTS 16 /* of a reader; the worker writes a note in far less time */

void drops_keep(struct drops *drops, struct drop *place, const struct rte_mbuf *frame,
	enum verdict verdict, uint16_t queue, uint64_t now)
{
	drops->next[verdict] = (uint8_t)((drops->next[verdict] + 1) % DROPS_OF_EACH);
	rte_seqcount_write_begin(&place->sequence);
	place->when = now;
	place->number = drops->count++;
	place->queue = queue;
	place->length = frame->pkt_len;
	place->kept = RTE_MIN(frame->data_len, (uint16_t)DROP_BYTES);
	memcpy(place->bytes, rte_pktmbuf_mtod(frame, uint8_t *), place->kept);
	rte_seqcount_write_end(&place->sequence);
}

bool drops_read(
	const struct drops *drops, enum verdict verdict, unsigned int place, struct drop *copy)
{
	const struct drop *drop = &drops->rings[verdict][place];

	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		const uint32_t sequence = rte_seqcount_read_begin(&drop->sequence);

		memcpy(copy, drop, sizeof(*copy));
		if (!rte_seqcount_read_retry(&drop->sequence, sequence))
			return copy->when != 0;
	}
	return false;
}
