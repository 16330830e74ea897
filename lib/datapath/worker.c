/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_jhash.h>
#include <rte_rcu_qsbr.h>

#include <udpecho/datapath/reassembly.h>
#include <udpecho/datapath/worker.h>
#include <udpecho/packet/packet.h>

#include "fragment.h"
#include "idler.h"
#include "ticks.h"

#define ROUNDS_PER_REPORT 16 /* while frames come, as a report costs as much as a frame */

/*
 * Transmits COUNT frames, which have BYTES in all. If the device does not take all of them, the
 * others are counted and freed: a reply that comes late is worth nothing.
 */
static void transmit(
	struct worker_queue *queue, struct rte_mbuf *frames[], unsigned int count, uint64_t bytes)
{
	struct counters *counters = &queue->counters;
	uint16_t sent;

	sent = rte_eth_tx_burst(queue->tx_port, queue->tx_queue, frames, (uint16_t)count);
	if (unlikely(sent < count)) {
		for (unsigned int i = sent; i < count; i++)
			bytes -= frames[i]->pkt_len;
		rte_pktmbuf_free_bulk(&frames[sent], count - sent);
		counter_add(&counters->tx_full, count - sent);
	}
	counter_add(&counters->tx_packets, sent);
	counter_add(&counters->tx_bytes, bytes);
}

/* The ticks since THEN, or 0 if the TSC was set back, as that of a virtual machine may be. */
static uint64_t ticks_since(uint64_t then)
{
	const uint64_t now = ticks_now();

	return now > then ? now - then : 0;
}

static uint64_t total_length(struct rte_mbuf *const frames[], unsigned int count)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < count; i++)
		bytes += frames[i]->pkt_len;
	return bytes;
}

/*
 * An identification for REPLY, which only its receiver can guess: from the secret, both addresses,
 * and a count (RFC 7739 5.3). An IPv4 reply has one of its own.
 */
static uint32_t next_identification(
	struct worker_queue *queue, const struct rte_mbuf *reply, uint32_t l2_length)
{
	const struct ipv6_header *ip =
		rte_pktmbuf_mtod_offset(reply, const struct ipv6_header *, l2_length);
	_Alignas(uint32_t) struct ip_address addresses[2]; /* rte_jhash() wants it */

	if (be32_get(ip->version_class_label) >> 28 != IPV6_VERSION_NUMBER)
		return 0;
	addresses[0] = ip->source;
	addresses[1] = ip->destination;
	return rte_jhash(addresses, sizeof(addresses), queue->secret) + queue->identified++;
}

/* Copies a reply that the device can't transmit as it is to fragments that it can transmit. */
static void transmit_fragments(
	struct worker_queue *queue, struct rte_mbuf *reply, uint32_t l2_length)
{
	struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX];
	const unsigned int count = fragment_reply(reply, l2_length, queue->stage.mtu, queue->pool,
		next_identification(queue, reply, l2_length), fragments);

	rte_pktmbuf_free(reply);
	if (count == 0) {
		counter_add(&queue->counters.tx_full, 1);
		return;
	}
	counter_add(&queue->counters.fragments_added, count - 1);
	for (unsigned int i = 0; i < count; i += BURST_SIZE) {
		const unsigned int some = RTE_MIN(count - i, (unsigned int)BURST_SIZE);

		transmit(queue, &fragments[i], some, total_length(&fragments[i], some));
	}
}

static bool must_be_copied(
	const struct worker_queue *queue, const struct rte_mbuf *reply, uint32_t l2_length)
{
	return (reply->nb_segs > 1 && !queue->multi_segment) ||
	       reply->pkt_len > queue->stage.mtu + l2_length;
}

/* Counts the burst and its verdicts, and transmits, drops or leaves each frame accordingly. */
static void settle(struct worker *worker, uint16_t index, struct burst *burst)
{
	struct worker_queue *queue = &worker->queues[index];
	struct rte_mbuf *replies[BURST_SIZE], *drops[BURST_SIZE];
	uint8_t copied[BURST_SIZE];
	unsigned int reply_count = 0, drop_count = 0, copied_count = 0;

	counter_add(&queue->counters.rx_packets, burst->count);
	counter_add(&queue->counters.rx_bytes, burst->bytes);
	if (likely(burst->all_plain)) {
		counter_add(&queue->counters.verdicts[VERDICT_UDP_ECHO], burst->count);
		transmit(queue, burst->frames, burst->count, burst->bytes - burst->padding);
		return;
	}
	for (unsigned int i = 0; i < burst->count; i++) {
		struct rte_mbuf *frame = burst->frames[i];

		counter_add(&queue->counters.verdicts[burst->verdicts[i]], 1);
		switch (verdict_kind(burst->verdicts[i])) {
		case VERDICT_KIND_REPLY:
			if (unlikely(must_be_copied(queue, frame, burst->l2_length[i])))
				copied[copied_count++] = (uint8_t)i;
			else
				replies[reply_count++] = frame;
			break;
		case VERDICT_KIND_DROP:
			drops_note(&worker->drops, frame, burst->verdicts[i], index, burst->now,
				queue->drop_interval);
			drops[drop_count++] = frame;
			break;
		case VERDICT_KIND_KEEP: /* it belongs to the reassembly */
			break;
		}
	}
	if (reply_count > 0)
		transmit(queue, replies, reply_count, total_length(replies, reply_count));
	if (drop_count > 0)
		rte_pktmbuf_free_bulk(drops, drop_count);
	for (unsigned int i = 0; i < copied_count; i++)
		transmit_fragments(queue, burst->frames[copied[i]], burst->l2_length[copied[i]]);
}

/* Broadcasts REQUEST for ADDRESS, which is ours, behind TAGS. */
static void send_arp(struct worker_queue *queue, enum worker_request request, be32_t address,
	const struct arp_tags *tags)
{
	const be32_t sender = request == WORKER_REQUEST_PROBE ? BE32(0) : address;
	const size_t before = offsetof(struct eth_header, type);
	uint8_t untagged[ARP_REQUEST_LENGTH], *data;
	struct rte_mbuf *frame = rte_pktmbuf_alloc(queue->pool);

	counter_add(&queue->counters.announcements, 1);
	if (frame == NULL) {
		counter_add(&queue->counters.tx_full, 1);
		return;
	}
	arp_write_request(untagged, queue->stage.identity->mac, sender, address);
	data = (uint8_t *)rte_pktmbuf_append(frame, (uint16_t)(sizeof(untagged) + tags->length));
	memcpy(data, untagged, before);
	memcpy(data + before, tags->bytes, tags->length);
	memcpy(data + before + tags->length, untagged + before, sizeof(untagged) - before);
	transmit(queue, &frame, 1, frame->pkt_len);
}

/* Broadcasts in the VLANs that QUEUE knows; untagged, one queue of the device is enough. */
static void send_requests(struct worker_queue *queue, enum worker_request request)
{
	const struct identity *identity = queue->stage.identity;
	const struct arp_notes *notes = &queue->arp_notes;

	for (unsigned int i = 0; i < identity->ipv4_count; i++) {
		const be32_t address = identity->ipv4[i].address;

		if (queue->number == 0)
			send_arp(queue, request, address, &(struct arp_tags){0});
		for (unsigned int j = 0; j < notes->vlan_count; j++)
			send_arp(queue, request, address, &notes->vlans[j]);
	}
}

static enum worker_request take_request(struct worker_queue *queue)
{
	if (likely(__atomic_load_n(&queue->request, __ATOMIC_RELAXED) == WORKER_REQUEST_NONE))
		return WORKER_REQUEST_NONE;
	return __atomic_exchange_n(&queue->request, WORKER_REQUEST_NONE, __ATOMIC_ACQUIRE);
}

/* Polls one queue and answers its burst. Returns false if nothing came. */
static bool poll_queue(struct worker *worker, uint16_t index)
{
	struct worker_queue *queue = &worker->queues[index];
	/* We read it before the policy: it may mean the addresses of a policy set just before. */
	const enum worker_request request = take_request(queue);
	const struct policy *policy = __atomic_load_n(&queue->policy, __ATOMIC_ACQUIRE);
	struct burst_observer *observer = __atomic_load_n(&queue->observer, __ATOMIC_ACQUIRE);
	struct burst burst;
	uint64_t came = 0;

	queue->stage.identity = &policy->identity;
	queue->stage.limits = policy->limits;
	queue->stage.mtu = policy->mtu;
	if (unlikely(request != WORKER_REQUEST_NONE))
		send_requests(queue, request);
	burst.count = rte_eth_rx_burst(queue->port, queue->queue, burst.frames, queue->burst_size);
	if (burst.count == 0) {
		if (queue->stage.timestamp_offset < 0) /* in a replay, frames tell the time */
			reassembly_expire(queue->stage.reassembly, ticks_now());
		return false;
	}
	if (unlikely(residence_is_due(&worker->residence)))
		came = ticks_now();
	if (unlikely(observer != NULL))
		observer->receive(observer, &burst);
	burst_answer(&queue->stage, &burst);
	if (unlikely(observer != NULL))
		observer->answer(observer, &burst);
	settle(worker, index, &burst);
	if (unlikely(came != 0))
		residence_add_ticks(&worker->residence, ticks_since(came));
	return true;
}

/* Polls all queues once, and returns how many of them had frames. */
static unsigned int poll_all(struct worker *worker)
{
	unsigned int busy = 0;

	for (unsigned int i = 0; i < worker->queue_count; i++)
		busy += poll_queue(worker, (uint16_t)i);
	return busy;
}

/* Tells other threads that the worker is not stalled, and that it is between two bursts. */
static void report_rounds(struct worker *worker, unsigned int rounds, unsigned int busy)
{
	rte_rcu_qsbr_quiescent(worker->quiescence, worker->lcore);
	counter_add(&worker->rounds, rounds);
	counter_add(&worker->empty_polls, rounds * worker->queue_count - busy);
}

int worker_run(void *argument)
{
	struct worker *worker = argument;
	struct idler idler;

	idle_begin(&idler, worker);
	rte_rcu_qsbr_thread_online(worker->quiescence, worker->lcore);
	while (!__atomic_load_n(&worker->stop, __ATOMIC_RELAXED)) {
		const uint64_t began = ticks_now();
		unsigned int rounds = 0, busy = 0, last;

		do {
			last = poll_all(worker);
			busy += last;
		} while (++rounds < ROUNDS_PER_REPORT && last > 0);
		report_rounds(worker, rounds, busy);
		if (busy > 0) {
			counter_add(&worker->busy_ticks, ticks_since(began));
			idle_reset(&idler, worker);
		}
		if (last == 0)
			idle_wait(&idler, worker);
	}
	rte_rcu_qsbr_thread_offline(worker->quiescence, worker->lcore);
	idle_end(worker);
	return 0;
}

void worker_stop(struct worker *worker)
{
	__atomic_store_n(&worker->stop, true, __ATOMIC_RELAXED);
}

void worker_set_policy(struct worker_queue *queue, const struct policy *policy)
{
	__atomic_store_n(&queue->policy, policy, __ATOMIC_RELEASE);
}

void worker_set_observer(struct worker_queue *queue, struct burst_observer *observer)
{
	__atomic_store_n(&queue->observer, observer, __ATOMIC_RELEASE);
}

void worker_ask(struct worker_queue *queue, enum worker_request request)
{
	__atomic_store_n(&queue->request, request, __ATOMIC_RELEASE);
}
