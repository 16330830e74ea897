/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_branch_prediction.h>
#include <rte_ethdev.h>

#include <udpecho/burst.h>
#include <udpecho/worker.h>

static void count_received(
	struct counters *counters, struct rte_mbuf *const frames[], unsigned int count)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < count; i++)
		bytes += frames[i]->pkt_len;
	counter_add(&counters->rx_packets, count);
	counter_add(&counters->rx_bytes, bytes);
}

/* Sorts the burst: replies into REPLIES, whose number it returns; dropped frames are freed. */
static uint16_t sort(struct counters *counters, struct rte_mbuf *const frames[],
	const enum verdict verdicts[], unsigned int count, struct rte_mbuf *replies[])
{
	struct rte_mbuf *drops[BURST_SIZE];
	unsigned int drop_count = 0;
	uint16_t reply_count = 0;

	for (unsigned int i = 0; i < count; i++) {
		counter_add(&counters->verdicts[verdicts[i]], 1);
		if (likely(verdict_kind(verdicts[i]) == VERDICT_KIND_REPLY))
			replies[reply_count++] = frames[i];
		else
			drops[drop_count++] = frames[i];
	}
	if (drop_count > 0)
		rte_pktmbuf_free_bulk(drops, drop_count);
	return reply_count;
}

/* What the device does not take is counted and freed: an echo that waits is worth nothing. */
static void transmit(struct worker_queue *queue, struct rte_mbuf *replies[], uint16_t count)
{
	uint64_t bytes = 0;
	uint16_t sent;

	for (uint16_t i = 0; i < count; i++)
		bytes += replies[i]->pkt_len;
	sent = rte_eth_tx_burst(queue->port, queue->queue, replies, count);
	if (unlikely(sent < count)) {
		for (uint16_t i = sent; i < count; i++)
			bytes -= replies[i]->pkt_len;
		rte_pktmbuf_free_bulk(&replies[sent], count - sent);
		counter_add(&queue->counters.tx_full, count - sent);
	}
	counter_add(&queue->counters.tx_packets, sent);
	counter_add(&queue->counters.tx_bytes, bytes);
}

static void poll_queue(struct worker_queue *queue)
{
	struct rte_mbuf *frames[BURST_SIZE], *replies[BURST_SIZE];
	enum verdict verdicts[BURST_SIZE];
	uint16_t received, reply_count;

	received = rte_eth_rx_burst(queue->port, queue->queue, frames, BURST_SIZE);
	if (received == 0)
		return;
	count_received(&queue->counters, frames, received);
	burst_answer(queue->identity, frames, verdicts, received);
	if (unlikely(queue->observer != NULL))
		queue->observer->observe(queue->observer, frames, verdicts, received);
	reply_count = sort(&queue->counters, frames, verdicts, received, replies);
	if (reply_count > 0)
		transmit(queue, replies, reply_count);
}

int worker_run(void *argument)
{
	struct worker *worker = argument;

	while (!__atomic_load_n(&worker->stop, __ATOMIC_RELAXED))
		for (unsigned int i = 0; i < worker->queue_count; i++)
			poll_queue(&worker->queues[i]);
	return 0;
}

void worker_stop(struct worker *worker)
{
	__atomic_store_n(&worker->stop, true, __ATOMIC_RELAXED);
}
