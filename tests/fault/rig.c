/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>
#include <rte_rcu_qsbr.h>

#include <udpecho/datapath/reassembly.h>
#include <udpecho/packet/packet.h>

#include "../equal/sample.h"
#include "../unit/suite.h"
#include "rig.h"

#define RX_SLOTS 2048
#define LCORE    0 /* the test's own thread */
#define ETH      14
#define IP       20

static int timestamp_offset;
static uint64_t timestamp_flag;
static uint16_t port;
static const struct rte_eth_rxtx_callback *at_end; /* it would outlive the port */

void rig_init(void)
{
	static char *arguments[] = {"fault", "--no-huge", "-m", "128", "--no-pci", "--no-shconf",
		"--no-telemetry", "--lcores=0", "--log-level=error",
		"--file-prefix=udpechod-fault"};

	assert_true(rte_eal_init(RTE_DIM(arguments), arguments) >= 0);
	assert_int_equal(rte_mbuf_dyn_rx_timestamp_register(&timestamp_offset, &timestamp_flag), 0);
}

/* rte_rx_callback_fn: the end of what waits is the end of the work. */
static uint16_t stop_at_end(uint16_t number, uint16_t queue, struct rte_mbuf *frames[],
	uint16_t count, uint16_t room, void *argument)
{
	(void)number;
	(void)queue;
	(void)frames;
	(void)room;
	if (count == 0)
		worker_stop(argument);
	return count;
}

static void open_port(struct rig *rig, unsigned int tx_slots)
{
	static unsigned int number; /* the name of a port that was closed stays in use */
	const struct rte_eth_conf conf = {0};
	char name[RTE_RING_NAMESIZE / 2];
	int result;

	snprintf(name, sizeof(name), "rx%u", number);
	rig->rx = rte_ring_create(name, RX_SLOTS, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	snprintf(name, sizeof(name), "tx%u", number);
	rig->tx =
		rte_ring_create(name, tx_slots, 0, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
	snprintf(name, sizeof(name), "rig%u", number++);
	assert_true(rig->rx != NULL && rig->tx != NULL);
	result = rte_eth_from_rings(name, &rig->rx, 1, &rig->tx, 1, 0);
	assert_true(result >= 0);
	port = (uint16_t)result;
	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, 64, 0, NULL, rig->pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, 64, 0, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	at_end = rte_eth_add_rx_callback(port, 0, stop_at_end, rig->worker);
	assert_non_null(at_end);
}

static void make_worker(struct rig *rig, const struct rig_options *options)
{
	const uint64_t hz = options->has_clock ? 1000000 : rte_get_tsc_hz();
	struct worker *worker = rte_zmalloc("worker", sizeof(*worker), 0);
	struct worker_queue *queue = &worker->queues[0];
	unsigned int count;

	assert_non_null(worker);
	worker->lcore = LCORE;
	worker->residence.tick_ns = 1e9 / (double)rte_get_tsc_hz();
	worker->queue_count = 1;
	worker->quiescence =
		rte_zmalloc("quiescence", rte_rcu_qsbr_get_memsize(1), RTE_CACHE_LINE_SIZE);
	assert_int_equal(rte_rcu_qsbr_init(worker->quiescence, 1), 0);
	assert_int_equal(rte_rcu_qsbr_thread_register(worker->quiescence, LCORE), 0);
	identity_plain(&rig->policy.identity);
	rig->policy.mtu = options->mtu;
	if (options->limits.echo.per_second > 0)
		rig->policy.limits = limits_create(&options->limits, hz, 1, 0);
	*queue = (struct worker_queue){
		.burst_size = BURST_SIZE,
		.policy = &rig->policy,
		.pool = rig->pool,
		.drop_interval = hz / 100,
		.stage = {.variant = &plain_variants(&count)[0],
			.timestamp_offset = options->has_clock ? timestamp_offset : -1,
			.arp_notes = &queue->arp_notes,
			.counters = &queue->counters},
	};
	queue->stage.reassembly = reassembly_create(hz, options->mbufs, &queue->counters, 1, 0);
	assert_non_null(queue->stage.reassembly);
	rig->worker = worker;
	rig->queue = queue;
}

void rig_open(struct rig *rig, const struct rig_options *options)
{
	*rig = (struct rig){.now = 1};
	rig->pool = rte_pktmbuf_pool_create(
		"rig", options->mbufs, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	assert_non_null(rig->pool);
	make_worker(rig, options);
	open_port(rig, options->tx_slots);
	rig->queue->port = rig->queue->tx_port = port;
}

void rig_put(struct rig *rig, const void *data, uint32_t length)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(rig->pool);

	assert_non_null(frame);
	memcpy(rte_pktmbuf_append(frame, (uint16_t)length), data, length);
	*RTE_MBUF_DYNFIELD(frame, timestamp_offset, rte_mbuf_timestamp_t *) = rig->now;
	assert_int_equal(rte_ring_enqueue(rig->rx, frame), 0);
	rig->frames++;
}

void rig_put_datagram(struct rig *rig, uint32_t length)
{
	static struct sample sample;

	sample_plain(&sample, length);
	rig_put(rig, sample.data, sample.length);
}

void rig_put_stray(struct rig *rig)
{
	static struct sample sample;

	sample_plain(&sample, 18);
	sample.data[ETH + IP + 3]++;
	sample_fix(&sample);
	rig_put(rig, sample.data, sample.length);
}

void rig_put_fragment(
	struct rig *rig, uint16_t number, unsigned int piece, unsigned int count, uint32_t length)
{
	static struct sample whole;
	uint8_t frame[2048];
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + ETH);
	const uint32_t at = piece * length;

	sample_plain(&whole, count * length - 8);
	memcpy(frame, whole.data, ETH + IP);
	memcpy(frame + ETH + IP, whole.data + ETH + IP + at, length);
	ip->total_length = rte_cpu_to_be_16((uint16_t)(IP + length));
	ip->packet_id = rte_cpu_to_be_16(number);
	ip->fragment_offset = rte_cpu_to_be_16(
		(uint16_t)(at / 8 | (piece + 1 < count ? RTE_IPV4_HDR_MF_FLAG : 0)));
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	rig_put(rig, frame, ETH + IP + length);
}

void rig_work(struct rig *rig)
{
	rig->worker->stop = false;
	worker_run(rig->worker);
	assert_int_equal(rte_ring_count(rig->rx), 0);
}

unsigned int rig_look(struct rig *rig, uint8_t *data)
{
	void *frame;
	uint16_t length;

	if (rte_ring_dequeue(rig->tx, &frame) != 0)
		return 0;
	length = rte_pktmbuf_data_len((struct rte_mbuf *)frame);
	memcpy(data, rte_pktmbuf_mtod((struct rte_mbuf *)frame, uint8_t *), length);
	rte_pktmbuf_free(frame);
	rig->taken++;
	return length;
}

unsigned int rig_take(struct rig *rig)
{
	unsigned int count = 0;
	void *frame;

	while (rte_ring_dequeue(rig->tx, &frame) == 0) {
		rte_pktmbuf_free(frame);
		count++;
	}
	rig->taken += count;
	return count;
}

uint64_t rig_count(const struct rig *rig, enum verdict verdict)
{
	return rig->queue->counters.verdicts[verdict];
}

/* The law; see udpechod(8). */
static void check_law(const struct rig *rig)
{
	const struct counters *counters = &rig->queue->counters;
	uint64_t verdicts = 0, replies = 0;

	for (unsigned int i = 0; i < VERDICT_COUNT; i++) {
		verdicts += counters->verdicts[i];
		if (verdict_kind(i) == VERDICT_KIND_REPLY)
			replies += counters->verdicts[i];
	}
	assert_int_equal(counters->rx_packets, rig->frames);
	assert_int_equal(counters->rx_packets, verdicts);
	assert_int_equal(counters->tx_packets + counters->tx_full,
		replies + counters->fragments_added + counters->announcements);
	assert_int_equal(counters->tx_packets, rig->taken);
}

void rig_check(struct rig *rig, const char *fault, const char *outcome)
{
	const struct counters *counters = &rig->queue->counters;

	rig_take(rig);
	reassembly_free(rig->queue->stage.reassembly);
	rig->queue->stage.reassembly = NULL;
	check_law(rig);
	if (!rte_mempool_full(rig->pool))
		fail_msg("%u mbufs are lost", rte_mempool_in_use_count(rig->pool));
	printf("# %s | %s | %" PRIu64 " received, %" PRIu64 " sent, %" PRIu64
	       " not taken: law holds | pool full\n",
		fault, outcome, counters->rx_packets, counters->tx_packets, counters->tx_full);
}

void rig_close(struct rig *rig)
{
	if (rig->pool == NULL)
		return;
	reassembly_free(rig->queue->stage.reassembly);
	assert_int_equal(rte_eth_remove_rx_callback(port, 0, at_end), 0);
	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	rte_ring_free(rig->rx);
	rte_ring_free(rig->tx);
	rte_free(rig->policy.limits);
	rte_free(rig->worker->quiescence);
	rte_free(rig->worker);
	rte_mempool_free(rig->pool);
	rig->pool = NULL;
}
