/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/datapath/chain.h>

void chain_pull_headers(struct rte_mbuf *frame)
{
	const uint32_t wanted = RTE_MIN(frame->pkt_len, (uint32_t)CHAIN_HEADERS_MAX);
	struct rte_mbuf *next = frame->next;

	while (frame->data_len < wanted && next != NULL) {
		const uint16_t missing = (uint16_t)(wanted - frame->data_len);
		const uint16_t moved = RTE_MIN(missing, next->data_len);

		if (moved > rte_pktmbuf_tailroom(frame))
			return;
		rte_memcpy(rte_pktmbuf_mtod_offset(frame, uint8_t *, frame->data_len),
			rte_pktmbuf_mtod(next, uint8_t *), moved);
		frame->data_len += moved;
		next->data_off += moved;
		next->data_len -= moved;
		next = next->next;
	}
}

uint32_t chain_list(const struct rte_mbuf *frame, struct segment rest[CHAIN_SEGMENTS_MAX])
{
	uint32_t length = frame->data_len;
	unsigned int count = 0;

	for (const struct rte_mbuf *next = frame->next; next != NULL; next = next->next) {
		if (count == CHAIN_SEGMENTS_MAX)
			break;
		rest[count++] = (struct segment){rte_pktmbuf_mtod(next, uint8_t *), next->data_len};
		length += next->data_len;
	}
	return length;
}

void chain_trim(struct rte_mbuf *frame, int skip, uint32_t length)
{
	struct rte_mbuf *segment = frame;
	uint16_t segments = 1;

	frame->data_off = (uint16_t)(frame->data_off + skip);
	frame->data_len = (uint16_t)(frame->data_len - skip);
	frame->pkt_len = length;
	while (segment->data_len < length && segment->next != NULL) {
		length -= segment->data_len;
		segment = segment->next;
		segments++;
	}
	segment->data_len = (uint16_t)length;
	if (segment->next != NULL) {
		rte_pktmbuf_free(segment->next);
		segment->next = NULL;
	}
	frame->nb_segs = segments;
}
