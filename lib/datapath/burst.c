/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ether.h>
#include <rte_mbuf_dyn.h>

#include <udpecho/datapath/burst.h>
#include <udpecho/packet/packet.h>

#include <udpecho/datapath/chain.h>
#include <udpecho/datapath/reassembly.h>

#include "ticks.h"

/*
 * Whether the device has found the UDP checksum good. If it has found it bad, we sum the datagram
 * ourselves, as other checks may give another verdict. In a tunnel, some devices verify the inner
 * checksum, which does not help. We do not ask what the device says of the IPv4 header: a vector
 * sums it in 3 instructions a packet, and to look at a flag takes more (`scripts/bench stage`).
 */
static bool checksum_is_verified(const struct rte_mbuf *mbuf)
{
	return (mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD &&
	       !RTE_ETH_IS_TUNNEL_PKT(mbuf->packet_type);
}

/* Describes MBUF, which came at NOW. A virtual device says "none" of a partial UDP checksum. */
static struct frame describe(const struct rte_mbuf *mbuf, uint64_t now)
{
	const uint64_t flags = mbuf->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

	return (struct frame){
		.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.contiguous = mbuf->data_len,
		.length = mbuf->data_len,
		.headroom = rte_pktmbuf_headroom(mbuf),
		.l4_checksum_good = checksum_is_verified(mbuf),
		.l4_checksum_partial = flags == RTE_MBUF_F_RX_L4_CKSUM_NONE,
		.received = now,
		.to_be_sent = now,
	};
}

static void note_arp(
	const struct stage *stage, const struct frame *frame, enum verdict verdict, uint32_t offset)
{
	const bool is_conflict =
		verdict == VERDICT_ARP_IGNORED && arp_is_conflict(frame, stage->identity, offset);

	if (is_conflict)
		counter_add(&stage->counters->arp_conflicts, 1);
	if (is_conflict || verdict == VERDICT_ARP_REPLY)
		arp_notes_add(stage->arp_notes, frame, stage->identity, offset, is_conflict);
}

/* Counts all that is counted about a frame besides its verdict. */
static void count_extras(const struct stage *stage, const struct frame *frame, enum verdict verdict,
	const struct datagram *datagram)
{
	if (verdict == VERDICT_UDP_ECHO && datagram->checksum_partial)
		counter_add(&stage->counters->partial_checksums, 1);
	if (verdict == VERDICT_UDP_ECHO && frame->l4_checksum_good)
		counter_add(&stage->counters->verified_checksums, 1);
	if (unlikely(verdict == VERDICT_ARP_REPLY || verdict == VERDICT_ARP_IGNORED))
		note_arp(stage, frame, verdict, datagram->packet.offset);
}

/* Reads the frame, asks the rate limits whether its reply may be sent, and writes the reply. */
static enum verdict judge(
	const struct stage *stage, struct frame *frame, uint64_t now, struct datagram *datagram)
{
	enum verdict verdict = packet_read(frame, stage->identity, datagram);

	if (unlikely(stage->limits != NULL))
		verdict = limits_apply(stage->limits, verdict, datagram, now);
	count_extras(stage, frame, verdict, datagram);
	packet_write_reply(frame, stage->identity, verdict, datagram);
	return verdict;
}

/* Answers any frame: in one segment or in several, whole or a fragment. */
/* NOLINTNEXTLINE(misc-no-recursion): once at most, as a reassembled datagram is no fragment */
static enum verdict answer(const struct stage *stage, struct rte_mbuf **mbuf, uint64_t now,
	bool reassembled, uint8_t *l2_length)
{
	struct segment rest[CHAIN_SEGMENTS_MAX];
	struct datagram datagram;
	struct frame frame;
	enum verdict verdict;

	chain_pull_headers(*mbuf);
	frame = describe(*mbuf, now);
	frame.length = chain_list(*mbuf, rest);
	frame.rest = rest;
	frame.reassembled = reassembled;
	if (reassembled) /* the device spoke of one fragment only */
		frame.l4_checksum_good = frame.l4_checksum_partial = false;
	verdict = judge(stage, &frame, now, &datagram);
	if (verdict_kind(verdict) == VERDICT_KIND_REPLY) {
		*l2_length = (uint8_t)datagram.packet.offset;
		chain_trim(*mbuf, (int)(frame.data - rte_pktmbuf_mtod(*mbuf, uint8_t *)),
			frame.length);
	}
	if (verdict != VERDICT_IP_FRAGMENT_KEPT)
		return verdict;
	return reassembly_add(stage->reassembly, mbuf, &datagram.packet, now, &verdict)
		       ? answer(stage, mbuf, now, true, l2_length)
		       : verdict;
}

/* Answers a frame in one segment, which is the common case. */
static enum verdict answer_plain(
	const struct stage *stage, struct rte_mbuf **mbuf, uint64_t now, uint8_t *l2_length)
{
	struct frame frame = describe(*mbuf, now);
	struct datagram datagram;
	const enum verdict verdict = judge(stage, &frame, now, &datagram);

	if (unlikely(verdict == VERDICT_IP_FRAGMENT_KEPT))
		return answer(stage, mbuf, now, false, l2_length);
	if (verdict_kind(verdict) == VERDICT_KIND_REPLY)
		*l2_length = (uint8_t)datagram.packet.offset;
	/* A dropped frame keeps its place and length, so that this needs no branch. */
	(*mbuf)->data_off += (uint16_t)(frame.data - rte_pktmbuf_mtod(*mbuf, uint8_t *));
	(*mbuf)->data_len = (uint16_t)frame.length;
	(*mbuf)->pkt_len = frame.length;
	return verdict;
}

/* Notes what few bursts have: chains, which are not plain, and checksums that a device verified. */
static void describe_rare(const struct burst *burst, struct plain_frames *plain)
{
	for (unsigned int i = 0; i < burst->count; i++) {
		const struct rte_mbuf *mbuf = burst->frames[i];
		if (mbuf->nb_segs > 1)
			plain->length[i] = 0;
		plain->verified |= (uint32_t)checksum_is_verified(mbuf) << i;
	}
}

/* Describes the frames of BURST for a variant. It reads the first cache line of an mbuf only. */
static void describe_plain(
	const struct stage *stage, struct burst *burst, struct plain_frames *plain)
{
	const unsigned int count = burst->count;
	uint64_t flags = 0, bytes = 0;
	uint16_t segments = 0;

	for (size_t i = 0; i < count; i++) {
		const struct rte_mbuf *mbuf = burst->frames[i];
		const uint32_t length = mbuf->pkt_len;

		plain->data[i] = rte_pktmbuf_mtod(mbuf, uint8_t *);
		plain->length[i] = length;
		bytes += length;
		flags |= mbuf->ol_flags;
		segments |= mbuf->nb_segs;
	}
	burst->bytes = bytes;
	plain->count = count;
	plain->mtu = stage->mtu;
	plain->verified = 0;
	if (unlikely(segments > 1 || flags & RTE_MBUF_F_RX_L4_CKSUM_GOOD))
		describe_rare(burst, plain);
}

/* Cuts the padding off the replies in SET, and returns how many bytes that were. */
static uint64_t trim_plain(
	const struct burst *burst, const struct plain_frames *plain, uint32_t set)
{
	uint64_t padding = 0;

	for (set &= plain->padded; set != 0; set &= set - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(set);
		const uint32_t length = plain->reply_length[i];

		padding += plain->length[i] - length;
		burst->frames[i]->data_len = (uint16_t)length;
		burst->frames[i]->pkt_len = length;
	}
	return padding;
}

static enum verdict answer_any(
	const struct stage *stage, struct rte_mbuf **mbuf, uint64_t now, uint8_t *l2_length)
{
	return likely((*mbuf)->nb_segs == 1) ? answer_plain(stage, mbuf, now, l2_length)
					     : answer(stage, mbuf, now, false, l2_length);
}

/* Takes a token for a plain echo. Plain or not, replies take tokens in the order of arrival. */
static enum verdict limit_plain(const struct stage *stage, const uint8_t *data, uint64_t now)
{
	const struct datagram datagram = {.source = plain_source(data)};

	return limits_apply(stage->limits, VERDICT_UDP_ECHO, &datagram, now);
}

/* The time now. In the replay of a capture, this is the time of the burst's first frame. */
static uint64_t read_clock(const struct stage *stage, const struct burst *burst)
{
	if (likely(stage->timestamp_offset < 0))
		return ticks_now();
	return *RTE_MBUF_DYNFIELD(
		burst->frames[0], stage->timestamp_offset, const rte_mbuf_timestamp_t *);
}

void burst_answer(const struct stage *stage, struct burst *burst)
{
	const struct variant *variant = plain_variant_for(stage->variant, burst->count);
	const uint32_t all = UINT32_MAX >> (BURST_SIZE - burst->count);
	struct plain_frames plain;
	uint32_t echoes, others;

	describe_plain(stage, burst, &plain);
	echoes = plain_read(variant, stage->identity, &plain);
	memset(burst->verdicts, VERDICT_UDP_ECHO, sizeof(burst->verdicts));
	others = stage->limits == NULL ? all & ~echoes : all;
	if (others != 0) {
		burst->now = read_clock(stage, burst);
		memset(burst->l2_length, sizeof(struct eth_header), sizeof(burst->l2_length));
	}
	for (; others != 0; others &= others - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(others);

		if (echoes >> i & 1) {
			burst->verdicts[i] = (uint8_t)limit_plain(stage, plain.data[i], burst->now);
			echoes &= ~((uint32_t)(burst->verdicts[i] != VERDICT_UDP_ECHO) << i);
		} else {
			burst->verdicts[i] = (uint8_t)answer_any(
				stage, &burst->frames[i], burst->now, &burst->l2_length[i]);
		}
	}
	if (echoes != 0) {
		if (unlikely(plain.verified != 0))
			counter_add(&stage->counters->verified_checksums,
				(unsigned int)__builtin_popcount(plain.verified & echoes));
		variant->write(&plain, echoes);
		burst->padding = trim_plain(burst, &plain, echoes);
	}
	burst->all_plain = echoes == all;
}
