/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/drops.h>

#define ATTEMPTS 16 /* the writer needs far less time than the reader */

void drops_note(struct drops *drops, const struct rte_mbuf *frame, enum verdict verdict,
	uint16_t queue, uint64_t now)
{
	struct drop *oldest = &drops->rings[verdict][drops->next[verdict]];

	if (oldest->when != 0 && now - oldest->when < drops->interval)
		return;
	drops->next[verdict] = (uint8_t)((drops->next[verdict] + 1) % DROPS_OF_EACH);
	rte_seqcount_write_begin(&oldest->sequence);
	oldest->when = now;
	oldest->number = drops->count++;
	oldest->queue = queue;
	oldest->length = frame->pkt_len;
	oldest->kept = RTE_MIN(frame->data_len, (uint16_t)DROP_BYTES);
	memcpy(oldest->bytes, rte_pktmbuf_mtod(frame, uint8_t *), oldest->kept);
	rte_seqcount_write_end(&oldest->sequence);
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
