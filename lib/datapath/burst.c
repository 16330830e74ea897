/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_branch_prediction.h>

#include <udpecho/burst.h>
#include <udpecho/packet.h>

/*
 * The longest run of headers that a verdict needs: Ethernet, two tags, IPv4 with every option,
 * and UDP or ICMP. ARP is shorter.
 */
#define HEADERS_MAX (14 + 2 * 4 + 60 + 8)

/*
 * Moves bytes of the following segments into the first, so that it holds all headers. Drivers
 * that split a frame inside its headers are rare; those that split in tiny buffers are rarer.
 */
static void pull_headers_up(struct rte_mbuf *frame)
{
	const uint32_t wanted = RTE_MIN(frame->pkt_len, (uint32_t)HEADERS_MAX);
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

/* Lists the segments behind the first; returns how many bytes of the frame are within reach. */
static uint32_t list_segments(const struct rte_mbuf *frame, struct segment rest[])
{
	uint32_t length = frame->data_len;
	unsigned int count = 0;

	for (const struct rte_mbuf *next = frame->next; next != NULL; next = next->next) {
		if (count == BURST_SEGMENTS_MAX)
			break;
		rest[count++] = (struct segment){rte_pktmbuf_mtod(next, uint8_t *), next->data_len};
		length += next->data_len;
	}
	return length;
}

/* Makes the chain hold the reply alone: from its first byte on, LENGTH bytes. */
static void trim(struct rte_mbuf *frame, const uint8_t *first, uint32_t length)
{
	const uint16_t skipped = (uint16_t)(first - rte_pktmbuf_mtod(frame, uint8_t *));
	struct rte_mbuf *segment = frame;
	uint16_t segments = 1;

	frame->data_off += skipped;
	frame->data_len -= skipped;
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

static enum verdict answer_chain(const struct identity *identity, struct rte_mbuf *mbuf)
{
	struct segment rest[BURST_SEGMENTS_MAX];
	struct frame frame;
	enum verdict verdict;

	pull_headers_up(mbuf);
	frame = (struct frame){
		.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.contiguous = mbuf->data_len,
		.length = list_segments(mbuf, rest),
		.rest = rest,
	};
	verdict = packet_answer(&frame, identity);
	if (verdict_kind(verdict) == VERDICT_KIND_REPLY)
		trim(mbuf, frame.data, frame.length);
	return verdict;
}

static enum verdict answer(const struct identity *identity, struct rte_mbuf *mbuf)
{
	struct frame frame = {
		.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.contiguous = mbuf->data_len,
		.length = mbuf->data_len,
	};
	const enum verdict verdict = packet_answer(&frame, identity);

	/* A dropped frame's length is unchanged, so this needs no branch on the verdict. */
	mbuf->data_off += (uint16_t)(frame.data - rte_pktmbuf_mtod(mbuf, uint8_t *));
	mbuf->data_len = (uint16_t)frame.length;
	mbuf->pkt_len = frame.length;
	return verdict;
}

void burst_answer(const struct identity *identity, struct rte_mbuf *const frames[],
	enum verdict verdicts[], unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (likely(frames[i]->nb_segs == 1))
			verdicts[i] = answer(identity, frames[i]);
		else
			verdicts[i] = answer_chain(identity, frames[i]);
	}
}
