/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>
#include <rte_rcu_qsbr.h>

#include <udpecho/control/log.h>
#include <udpecho/datapath/reassembly.h>

#include "cores.h"
#include "device/replay.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"

#define DROP_RINGS_PER_SECOND 100
#define PATIENCE_MS           2000

static int make_queue(struct runtime *runtime, unsigned int index, unsigned int number,
	struct worker_queue *queue, struct error *error)
{
	struct device *device = &runtime->devices[index];
	const struct device_kind *kind = device->config->kind;
	const bool offline = device->replay != NULL;

	*queue = (struct worker_queue){
		.device = (uint16_t)index,
		.number = (uint16_t)number,
		.burst_size = kind->burst_size != 0 ? kind->burst_size : BURST_SIZE,
		/*
		 * A NIC may take only so many segments, or no empty one, and may hang for ever
		 * otherwise, without saying so. Chained replies are rare, so we copy them. A
		 * capture takes all of them.
		 */
		.multi_segment = offline,
		.pool = device->pool,
		.drop_interval = device_clock(device) / DROP_RINGS_PER_SECOND,
		.policy = &runtime->policies->policies[index],
		.secret = device_key(device),
		.observer = runtime->explain != NULL ? &runtime->explain->observer : NULL,
		.stage = {.variant = runtime->variant,
			.timestamp_offset =
				offline ? rte_mbuf_dynfield_lookup(
						  RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL)
					: -1,
			.arp_notes = &queue->arp_notes,
			.counters = &queue->counters},
	};
	if (offline && runtime->explain != NULL)
		replay_watch(device->replay, explain_skip, runtime->explain);
	queue->port = device_port(device, number, &queue->queue);
	queue->tx_port = device_port(device, device_transmitter(device, number), &queue->tx_queue);
	/* Fragments get only a part of the pool, so that other frames always find mbufs. */
	queue->stage.reassembly =
		reassembly_create(device_clock(device), device->pool_size / device->queue_count / 4,
			&queue->counters, device_key(device), device_node(device));
	if (queue->stage.reassembly == NULL)
		return error_set(error, ENOMEM, "no memory for reassembly");
	return 0;
}

/* Returns the worker that polls queue NUMBER of device INDEX, or NULL if none does yet. */
static struct worker *find_worker(
	const struct runtime *runtime, unsigned int index, unsigned int number)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++)
			if (runtime->workers[i]->queues[j].device == index &&
				runtime->workers[i]->queues[j].number == number)
				return runtime->workers[i];
	return NULL;
}

/* Returns the worker with the fewest queues, and among these one on the node of DEVICE. */
static struct worker *pick_worker(const struct runtime *runtime, const struct device *device)
{
	const int node = device_node(device);
	unsigned int best = 0;

	for (unsigned int i = 1; i < runtime->worker_count; i++) {
		const unsigned int count = runtime->workers[i]->queue_count,
				   least = runtime->workers[best]->queue_count;

		if (count < least ||
			(count == least && cores_node(cores_nth(&runtime->cores, i)) == node &&
				cores_node(cores_nth(&runtime->cores, best)) != node))
			best = i;
	}
	return runtime->workers[best];
}

static int make_queues(struct runtime *runtime, unsigned int index, struct error *error)
{
	struct device *device = &runtime->devices[index];

	for (unsigned int i = 0; i < device->queue_count; i++) {
		/* Queues that share a transmit queue need the same worker, because it has no lock.
		 */
		struct worker *worker = find_worker(runtime, index, device_transmitter(device, i));
		int result;

		if (worker == NULL)
			worker = pick_worker(runtime, device);

		if (worker->queue_count == WORKER_QUEUES_MAX)
			return error_set(error, EINVAL,
				"device %s: too many queues: a core polls at most %d: give more "
				"--cores",
				device->config->text, WORKER_QUEUES_MAX);
		result = make_queue(runtime, index, i, &worker->queues[worker->queue_count], error);
		if (result < 0)
			return result;
		/* A worker polls all of its devices as often as the most eager one needs. */
		if (worker->queue_count == 0 || device->idle < worker->idle)
			worker->idle = device->idle;
		worker->queue_count++;
	}
	return 0;
}

static int make_quiescence(struct runtime *runtime, struct error *error)
{
	const unsigned int threads = runtime->worker_count + 1; /* lcores are numbered from 1 */

	runtime->quiescence =
		rte_zmalloc("quiescence", rte_rcu_qsbr_get_memsize(threads), RTE_CACHE_LINE_SIZE);
	if (runtime->quiescence == NULL || rte_rcu_qsbr_init(runtime->quiescence, threads) != 0)
		return error_set(error, ENOMEM, "no memory for the workers");
	for (unsigned int i = 0; i < runtime->worker_count; i++) {
		rte_rcu_qsbr_thread_register(runtime->quiescence, runtime->workers[i]->lcore);
		runtime->workers[i]->quiescence = runtime->quiescence;
	}
	return 0;
}

/* Takes memory on the NUMA node of CORE, or on any node, which is slower. */
static struct worker *make_worker(int core)
{
	const int node = cores_node(core);
	struct worker *worker = rte_zmalloc_socket("worker", sizeof(*worker), 0, node);

	if (worker != NULL)
		return worker;
	worker = rte_zmalloc("worker", sizeof(*worker), 0);
	if (worker != NULL)
		log_say(RTE_LOG_WARNING,
			"worker on core %d: NUMA node %d has no memory for it, so it is slower: "
			"reserve hugepages there, or choose other cores with --cores",
			core, node);
	return worker;
}

int workers_make(struct runtime *runtime, struct error *error)
{
	const unsigned int count = (unsigned int)CPU_COUNT(&runtime->cores);
	int result;

	for (unsigned int i = 0; i < count; i++) {
		struct worker *worker = make_worker(cores_nth(&runtime->cores, i));

		if (worker == NULL)
			return error_set(error, ENOMEM, "no memory for a worker");
		worker->lcore = i + 1;
		worker->residence.tick_ns = 1e9 / (double)rte_get_tsc_hz();
		runtime->workers[runtime->worker_count++] = worker;
	}
	result = make_quiescence(runtime, error);
	for (unsigned int i = 0; i < runtime->device_count && result == 0; i++)
		result = make_queues(runtime, i, error);
	/* A worker without a queue only waits for the end. */
	for (unsigned int i = 0; i < count; i++)
		if (runtime->workers[i]->queue_count == 0)
			runtime->workers[i]->idle = IDLE_SLEEP;
	return result;
}

void workers_free(struct runtime *runtime)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		rte_free(runtime->workers[i]);
	rte_free(runtime->quiescence);
	runtime->worker_count = 0;
}

void workers_free_queues(struct runtime *runtime)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++)
			reassembly_free(runtime->workers[i]->queues[j].stage.reassembly);
}

bool workers_wait(const struct runtime *runtime)
{
	const uint64_t token = rte_rcu_qsbr_start(runtime->quiescence);

	for (unsigned int i = 0; i < PATIENCE_MS; i++) {
		if (rte_rcu_qsbr_check(runtime->quiescence, token, false) == 1)
			return true;
		rte_delay_us_sleep(1000);
	}
	return false;
}

/* The workers may still use the old set for a while. */
static void publish(struct runtime *runtime, struct policy_set *set)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++) {
			struct worker_queue *queue = &runtime->workers[i]->queues[j];

			worker_set_policy(queue, &set->policies[queue->device]);
		}
	policy_set_replace(runtime, set);
}

bool workers_go_by(struct runtime *runtime, struct policy_set *set)
{
	publish(runtime, set);
	if (!workers_wait(runtime))
		return false;
	policy_sets_free_until(runtime, set);
	return true;
}

double worker_busy_s(const struct worker *worker)
{
	return (double)__atomic_load_n(&worker->busy_ticks, __ATOMIC_RELAXED) /
	       (double)rte_get_tsc_hz();
}

struct worker_queue *workers_queue(const struct runtime *runtime, unsigned int index)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++) {
		struct worker *worker = runtime->workers[i];

		if (index < worker->queue_count)
			return &worker->queues[index];
		index -= worker->queue_count;
	}
	return NULL;
}
