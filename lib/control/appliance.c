/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>
#include <rte_version.h>

#include <udpecho/appliance.h>
#include <udpecho/log.h>
#include <udpecho/reassembly.h>

#include "cores.h"
#include "eal.h"
#include "format.h"
#include "http.h"
#include "hush.h"
#include "policy_set.h"
#include "telemetry.h"
#include "variant.h"
#include "watch.h"

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void hold_signals(sigset_t *held)
{
	sigemptyset(held);
	sigaddset(held, SIGINT);
	sigaddset(held, SIGTERM);
	sigaddset(held, SIGHUP);
	pthread_sigmask(SIG_BLOCK, held, NULL);
}

static int make_queue(struct appliance *appliance, unsigned int index, unsigned int number,
	struct worker_queue *queue, struct error *error)
{
	const struct config *config = appliance->config;
	struct device *device = &appliance->devices[index];
	const struct device_kind *kind = device->config->kind;
	const bool offline = device->replay != NULL;

	*queue = (struct worker_queue){
		.device = (uint16_t)index,
		.number = (uint16_t)number,
		.burst_size = kind->burst_size != 0 ? kind->burst_size : BURST_SIZE,
		/*
		 * A NIC has limits for chains, in their number of segments and with empty ones,
		 * that it need not tell and that stop some for good. Chained replies are rare:
		 * they are copied. What is replayed is written in any form.
		 */
		.multi_segment = offline,
		.pool = device->pool,
		.policy = &appliance->policies->policies[index],
		.observer = config->explain ? &appliance->explain.observer : NULL,
		.stage = {.variant = appliance->variant,
			.mtu = device->mtu,
			.timestamp_offset =
				offline ? rte_mbuf_dynfield_lookup(
						  RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL)
					: -1,
			.counters = &queue->counters},
	};
	queue->port = device_port(device, number, &queue->queue);
	/* Not more than a part of the pool, so that fragments never starve the rest. */
	queue->stage.reassembly = reassembly_create(device_clock(device),
		device->pool_size / device->queue_count / 4, &queue->counters.fragments_expired,
		device_key(device), device_node(device));
	if (queue->stage.reassembly == NULL)
		return error_set(error, ENOMEM, "no memory for reassembly");
	return 0;
}

/* The one with the fewest queues; among these, one on the device's node. */
static unsigned int pick_worker(const struct appliance *appliance, const struct device *device)
{
	const int node = device_node(device);
	unsigned int best = 0;

	for (unsigned int i = 1; i < appliance->worker_count; i++) {
		const unsigned int count = appliance->workers[i]->queue_count,
				   least = appliance->workers[best]->queue_count;

		if (count < least ||
			(count == least && cores_node(cores_nth(&appliance->cores, i)) == node &&
				cores_node(cores_nth(&appliance->cores, best)) != node))
			best = i;
	}
	return best;
}

static int make_queues(struct appliance *appliance, unsigned int index, struct error *error)
{
	struct device *device = &appliance->devices[index];

	for (unsigned int i = 0; i < device->queue_count; i++) {
		struct worker *worker = appliance->workers[pick_worker(appliance, device)];
		int result;

		if (worker->queue_count == WORKER_QUEUES_MAX)
			return error_set(error, EINVAL,
				"device %s: too many queues: at most %d for each of --cores",
				device->config->text, WORKER_QUEUES_MAX);
		result = make_queue(
			appliance, index, i, &worker->queues[worker->queue_count], error);
		if (result < 0)
			return result;
		/* The most eager of its devices: it polls all of them alike. */
		if (worker->queue_count == 0 || device->idle < worker->idle)
			worker->idle = device->idle;
		worker->queue_count++;
	}
	return 0;
}

static int make_quiescence(struct appliance *appliance, struct error *error)
{
	const unsigned int threads = appliance->worker_count + 1; /* lcores are numbered from 1 */

	appliance->quiescence =
		rte_zmalloc("quiescence", rte_rcu_qsbr_get_memsize(threads), RTE_CACHE_LINE_SIZE);
	if (appliance->quiescence == NULL || rte_rcu_qsbr_init(appliance->quiescence, threads) != 0)
		return error_set(error, ENOMEM, "no memory for the workers");
	for (unsigned int i = 0; i < appliance->worker_count; i++) {
		rte_rcu_qsbr_thread_register(appliance->quiescence, appliance->workers[i]->lcore);
		appliance->workers[i]->quiescence = appliance->quiescence;
	}
	return 0;
}

static int make_workers(struct appliance *appliance, struct error *error)
{
	const unsigned int count = (unsigned int)CPU_COUNT(&appliance->cores);
	int result;

	for (unsigned int i = 0; i < count; i++) {
		struct worker *worker = rte_zmalloc_socket(
			"worker", sizeof(*worker), 0, cores_node(cores_nth(&appliance->cores, i)));

		if (worker == NULL)
			return error_set(error, ENOMEM, "no memory for a worker");
		worker->lcore = i + 1;
		appliance->workers[appliance->worker_count++] = worker;
	}
	result = make_quiescence(appliance, error);
	for (unsigned int i = 0; i < appliance->config->device_count && result == 0; i++)
		result = make_queues(appliance, i, error);
	/* One without a queue waits for the end, and for nothing else. */
	for (unsigned int i = 0; i < count; i++)
		if (appliance->workers[i]->queue_count == 0)
			appliance->workers[i]->idle = IDLE_SLEEP;
	return result;
}

static void free_workers(struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		rte_free(appliance->workers[i]);
	rte_free(appliance->quiescence);
	appliance->worker_count = 0;
}

/* What the queues hold of the pools goes back before the devices close. */
static void free_queues(struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++)
			reassembly_free(appliance->workers[i]->queues[j].stage.reassembly);
}

static void close_devices(struct appliance *appliance, unsigned int count)
{
	struct error ignored;

	while (count-- > 0)
		device_close(&appliance->devices[count], &ignored);
}

static void release_devices(struct appliance *appliance, unsigned int count)
{
	while (count-- > 0)
		device_release(&appliance->devices[count]);
}

/* Whether all ends by itself, and is not to be missed by long. */
static bool is_offline(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (appliance->devices[i].replay == NULL)
			return false;
	return true;
}

static unsigned int log_level(const struct config *config, bool offline)
{
	if (config->log_level != 0)
		return config->log_level;
	return offline ? RTE_LOG_WARNING : RTE_LOG_NOTICE;
}

static void warn_of_distance(const struct appliance *appliance, unsigned int index)
{
	const struct device *device = &appliance->devices[index];
	const int node = device_node(device);

	for (unsigned int i = 0; i < appliance->worker_count && node >= 0; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++) {
			const int core = cores_nth(&appliance->cores, i);

			if (appliance->workers[i]->queues[j].device == index &&
				cores_node(core) != node)
				log_say(RTE_LOG_WARNING,
					"device %s: is on NUMA node %d, core %d that polls it is "
					"not: slower; see --cores",
					device->config->text, node, core);
		}
}

/* What it runs on, so that a log says by itself what was the case. */
static void summarize(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		const struct device *device = &appliance->devices[i];
		const struct identity *identity = &appliance->policies->policies[i].identity;
		struct rte_eth_dev_info info = {0};
		char addresses[512] = "";

		rte_eth_dev_info_get(device->ports[0], &info);
		for (unsigned int j = 0; j < identity->address_count; j++) {
			const size_t length = strlen(addresses);

			snprintf(addresses + length, sizeof(addresses) - length, " %s",
				format_address(identity->addresses[j].address).text);
		}
		log_say(RTE_LOG_NOTICE, "device %s: mac %s, addresses%s, MTU %u, %s, %u queue%s",
			device->config->text, format_mac(&identity->mac).text, addresses,
			device->mtu, info.driver_name != NULL ? info.driver_name : "no driver",
			device->queue_count, device->queue_count == 1 ? "" : "s");
		warn_of_distance(appliance, i);
	}
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		log_say(RTE_LOG_NOTICE, "worker on core %d: polls %u queue%s, idle: %s",
			cores_nth(&appliance->cores, i), appliance->workers[i]->queue_count,
			appliance->workers[i]->queue_count == 1 ? "" : "s",
			idle_names[appliance->workers[i]->idle]);
	log_say(RTE_LOG_NOTICE, "version %s on %s, variant %s: running", UDPECHO_VERSION,
		rte_version(), appliance->variant->name);
}

int appliance_start(struct appliance *appliance, const struct config *config, struct error *error)
{
	unsigned int inited = 0, opened = 0;
	sigset_t held;
	int result;

	memset(appliance, 0, sizeof(*appliance));
	appliance->config = config;
	explain_init(&appliance->explain);
	hold_signals(&held); /* before EAL makes threads, which inherit it */
	result = cores_pick(&appliance->cores, config, error);
	if (result < 0)
		return result;
	for (; inited < config->device_count; inited++) {
		result = device_init(&appliance->devices[inited], config, inited, error);
		if (result < 0)
			goto release;
	}
	hush_begin(!eal_is_verbose(config));
	result = eal_start(config, &appliance->cores, error);
	if (result < 0)
		goto unhush;
	appliance->variant = variant_choose(config->variant, error);
	if (appliance->variant == NULL) {
		result = -ENOTSUP;
		goto close;
	}
	for (; opened < config->device_count; opened++) {
		result = device_open(&appliance->devices[opened], opened,
			(unsigned int)CPU_COUNT(&appliance->cores), error);
		if (result < 0)
			goto close;
	}
	appliance->policies = policy_set_create(appliance->devices, opened, config, NULL, error);
	result = appliance->policies != NULL ? make_workers(appliance, error) : -ENOMEM;
	if (result < 0)
		goto free;
	result = http_start(appliance, error);
	if (result < 0)
		goto free;
	hush_end();
	telemetry_start(appliance);
	log_open(log_level(config, is_offline(appliance)));
	summarize(appliance);
	appliance->started = now();
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		rte_eal_remote_launch(
			worker_run, appliance->workers[i], appliance->workers[i]->lcore);
	return 0;
free:
	free_queues(appliance);
	free_workers(appliance);
	policy_set_free(appliance->policies, NULL);
close:
	close_devices(appliance, opened);
	eal_stop();
unhush:
	hush_end();
release:
	release_devices(appliance, inited);
	return result;
}

/* False while a device may still deliver. */
static bool is_drained(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (!device_is_drained(&appliance->devices[i]))
			return false;
	return true;
}

static bool is_lost(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (!appliance->devices[i].is_lost)
			return false;
	return true;
}

enum appliance_event appliance_wait(struct appliance *appliance)
{
	const bool offline = is_offline(appliance);
	const struct timespec pause = {.tv_nsec = (offline ? 1 : 50) * 1000 * 1000};
	sigset_t held;
	int number;

	hold_signals(&held);
	do {
		watch_all(appliance, now());
		if (is_drained(appliance))
			return APPLIANCE_STOP;
		if (is_lost(appliance))
			return APPLIANCE_LOST;
		number = sigtimedwait(&held, NULL, &pause);
	} while (number < 0);
	return number == SIGHUP ? APPLIANCE_RELOAD : APPLIANCE_STOP;
}

/* The queue number INDEX of all; NULL: there are no more. */
static struct worker_queue *queue_at(const struct appliance *appliance, unsigned int index)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++) {
		struct worker *worker = appliance->workers[i];

		if (index < worker->queue_count)
			return &worker->queues[index];
		index -= worker->queue_count;
	}
	return NULL;
}

struct counters appliance_count(const struct appliance *appliance, unsigned int index)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = queue_at(appliance, i)) != NULL; i++)
		if (queue->device == index)
			counters_collect(&sum, &queue->counters);
	return sum;
}

struct counters appliance_count_all(const struct appliance *appliance)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = queue_at(appliance, i)) != NULL; i++)
		counters_collect(&sum, &queue->counters);
	return sum;
}

void appliance_announce(struct appliance *appliance, unsigned int index)
{
	struct worker_queue *queue;

	for (unsigned int i = 0; (queue = queue_at(appliance, i)) != NULL; i++)
		if (queue->device == index) {
			worker_announce(queue); /* one of them is enough */
			return;
		}
}

int appliance_stop(struct appliance *appliance, struct error *error)
{
	struct error later;
	int result = 0;

	http_stop(appliance);
	telemetry_stop();
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		worker_stop(appliance->workers[i]);
	rte_eal_mp_wait_lcore();
	free_queues(appliance);
	appliance->stopped = now();
	log_close();
	hush_begin(!eal_is_verbose(appliance->config));
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		const int failure =
			device_close(&appliance->devices[i], result == 0 ? error : &later);

		if (result == 0)
			result = failure;
	}
	hush_end();
	return result;
}

void appliance_release(struct appliance *appliance)
{
	free_workers(appliance);
	policy_set_free(appliance->policies, NULL);
	release_devices(appliance, appliance->config->device_count);
	eal_stop();
}
