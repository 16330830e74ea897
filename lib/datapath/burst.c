/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_branch_prediction.h>

#include <udpecho/burst.h>
#include <udpecho/packet.h>

#include <udpecho/chain.h>
#include <udpecho/reassembly.h>

/* What the device says of the UDP checksum; a virtual device's "none" is a partial one. */
static struct frame describe(const struct rte_mbuf *mbuf)
{
	const uint64_t flags = mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	return (struct frame){
		.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.contiguous = mbuf->data_len,
		.length = mbuf->data_len,
		.headroom = rte_pktmbuf_headroom(mbuf),
		.l4_checksum_good = flags == RTE_MBUF_F_RX_L4_CKSUM_GOOD,
		.l4_checksum_partial = flags == RTE_MBUF_F_RX_L4_CKSUM_NONE,
	};
}

/* What is counted of a frame besides its verdict. */
static void count_extras(const struct stage *stage, const struct frame *frame, enum verdict verdict,
	const struct datagram *datagram)
{
	if (verdict == VERDICT_UDP_ECHO && datagram->checksum_partial)
		counter_add(&stage->counters->partial_checksums, 1);
	if (verdict == VERDICT_ARP_IGNORED &&
		arp_is_conflict(frame, stage->identity, datagram->packet.offset))
		counter_add(&stage->counters->arp_conflicts, 1);
}

/* Reads the frame, asks whether the reply may be sent, and writes it. */
static enum verdict judge(
	const struct stage *stage, struct frame *frame, uint64_t now, struct datagram *datagram)
{
	enum verdict verdict = udp_read_from(frame, stage->identity, datagram);

	count_extras(stage, frame, verdict, datagram);
	if (unlikely(stage->limits != NULL))
		verdict = limits_apply(stage->limits, verdict, datagram, now);
	packet_write_reply(frame, stage->identity, verdict, datagram);
	return verdict;
}

/* Any frame: in one segment or several, plain or a fragment. */
static enum verdict answer(
	const struct stage *stage, struct rte_mbuf **mbuf, uint64_t now, bool reassembled)
{
	struct segment rest[CHAIN_SEGMENTS_MAX];
	struct datagram datagram;
	struct frame frame;
	enum verdict verdict;

	chain_pull_headers(*mbuf);
	frame = describe(*mbuf);
	frame.length = chain_list(*mbuf, rest);
	frame.rest = rest;
	frame.reassembled = reassembled;
	if (reassembled) /* what the device said was of one fragment */
		frame.l4_checksum_good = frame.l4_checksum_partial = false;
	verdict = judge(stage, &frame, now, &datagram);
	if (verdict_kind(verdict) == VERDICT_KIND_REPLY)
		chain_trim(*mbuf, (int)(frame.data - rte_pktmbuf_mtod(*mbuf, uint8_t *)),
			frame.length);
	if (verdict != VERDICT_IP_FRAGMENT_KEPT)
		return verdict;
	verdict = reassembly_add(stage->reassembly, mbuf, &datagram.packet, now);
	return verdict == VERDICT_UDP_ECHO ? answer(stage, mbuf, now, true) : verdict;
}

/* The common frame: one segment. */
static enum verdict answer_plain(const struct stage *stage, struct rte_mbuf **mbuf, uint64_t now)
{
	struct frame frame = describe(*mbuf);
	struct datagram datagram;
	const enum verdict verdict = judge(stage, &frame, now, &datagram);

	if (unlikely(verdict == VERDICT_IP_FRAGMENT_KEPT))
		return answer(stage, mbuf, now, false);
	/* A dropped frame is where it was, and as long; so this needs no branch. */
	(*mbuf)->data_off += (uint16_t)(frame.data - rte_pktmbuf_mtod(*mbuf, uint8_t *));
	(*mbuf)->data_len = (uint16_t)frame.length;
	(*mbuf)->pkt_len = frame.length;
	return verdict;
}

void burst_answer(const struct stage *stage, struct burst *burst)
{
	for (unsigned int i = 0; i < burst->count; i++) {
		if (likely(burst->frames[i]->nb_segs == 1))
			burst->verdicts[i] = answer_plain(stage, &burst->frames[i], burst->now);
		else
			burst->verdicts[i] = answer(stage, &burst->frames[i], burst->now, false);
	}
}
