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
#include <rte_random.h>

#include <udpecho/appliance.h>
#include <udpecho/reassembly.h>

#include "eal.h"
#include "hush.h"
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
	pthread_sigmask(SIG_BLOCK, held, NULL);
}

/*
 * The cores that poll: those that the operator names; else one for each device, the last ones
 * that this process may use, so that the first stay free for the main thread and the kernel.
 */
static int pick_cores(cpu_set_t *cores, const struct config *config, struct error *error)
{
	unsigned int wanted = config->device_count;
	cpu_set_t allowed;
	int available;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return error_set(error, errno, "cannot tell the cores: %s", strerror(errno));
	available = CPU_COUNT(&allowed);
	CPU_ZERO(cores);
	if (config->has_cores) {
		CPU_AND(cores, &config->cores, &allowed);
		if (!CPU_EQUAL(cores, &config->cores))
			return error_set(error, EINVAL,
				"option --cores: no such core left: this process may use %d "
				"(`taskset -p $$` shows which)",
				available);
		if (CPU_COUNT(cores) > APPLIANCE_WORKERS_MAX)
			return error_set(
				error, EINVAL, "option --cores: at most %d", APPLIANCE_WORKERS_MAX);
		return 0;
	}
	if (wanted > (unsigned int)available - 1 && available > 1)
		wanted = (unsigned int)available - 1;
	else if (available == 1)
		wanted = 1;
	for (int core = CPU_SETSIZE - 1; core >= 0 && wanted > 0; core--)
		if (CPU_ISSET(core, &allowed)) {
			CPU_SET(core, cores);
			wanted--;
		}
	return 0;
}

static bool has_limits(const struct limits_config *limits)
{
	return limits->echo.per_second + limits->icmp_arp.per_second +
		       limits->unreachable.per_second >
	       0;
}

static int make_queue(struct appliance *appliance, struct device *device,
	struct worker_queue *queue, struct error *error)
{
	const struct config *config = appliance->config;
	const struct device_kind *kind = device->config->kind;
	const bool offline = device->replay != NULL;
	/* Of a capture, the same input is to give the same output: its own clock, no chance. */
	const uint64_t ticks_per_second = offline ? 1000 * 1000 : rte_get_tsc_hz();
	const uint32_t key = offline ? 0 : (uint32_t)rte_rand();
	const int socket = rte_eth_dev_socket_id(device->port);

	*queue = (struct worker_queue){
		.port = device->port,
		.burst_size = kind->burst_size != 0 ? kind->burst_size : BURST_SIZE,
		/*
		 * A NIC has limits for chains, in their number of segments and with empty ones,
		 * that it need not tell and that stop some for good. Chained replies are rare:
		 * they are copied. What is replayed is written in any form.
		 */
		.multi_segment = offline,
		.pool = device->pool,
		.observer = config->explain ? &appliance->explain.observer : NULL,
		.stage = {.identity = &device->identity,
			.variant = appliance->variant,
			.mtu = device->mtu,
			.timestamp_offset =
				offline ? rte_mbuf_dynfield_lookup(
						  RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL)
					: -1,
			.counters = &queue->counters},
	};
	if (has_limits(&config->limits)) {
		queue->stage.limits = limits_create(&config->limits, ticks_per_second, key, socket);
		if (queue->stage.limits == NULL)
			return error_set(error, ENOMEM, "no memory for the rate limits");
	}
	/* Not more than a part of the pool, so that fragments never starve the rest. */
	queue->stage.reassembly = reassembly_create(ticks_per_second, device->pool_size / 4,
		&queue->counters.fragments_expired, key, socket);
	if (queue->stage.reassembly == NULL) {
		rte_free(queue->stage.limits);
		return error_set(error, ENOMEM, "no memory for reassembly");
	}
	return 0;
}

static int make_acl(struct appliance *appliance, struct error *error)
{
	const struct config *config = appliance->config;

	if (config->acl_path == NULL)
		return 0;
	appliance->acl = acl_create(config->acl, config->acl_count, SOCKET_ID_ANY);
	if (appliance->acl == NULL)
		return error_set(error, ENOMEM, "acl %s: no memory for %zu rules", config->acl_path,
			config->acl_count);
	for (unsigned int i = 0; i < config->device_count; i++) {
		appliance->devices[i].identity.source_is_allowed = acl_allows;
		appliance->devices[i].identity.acl = appliance->acl;
	}
	return 0;
}

static int make_workers(struct appliance *appliance, struct error *error)
{
	const struct config *config = appliance->config;
	const unsigned int count = (unsigned int)CPU_COUNT(&appliance->cores);

	for (unsigned int i = 0; i < count; i++) {
		struct worker *worker = rte_zmalloc("worker", sizeof(*worker), 0);

		if (worker == NULL)
			return error_set(error, ENOMEM, "no memory for a worker");
		worker->lcore = i + 1;
		appliance->workers[appliance->worker_count++] = worker;
	}
	for (unsigned int i = 0; i < config->device_count; i++) {
		struct worker *worker = appliance->workers[i % count];
		const int result = make_queue(appliance, &appliance->devices[i],
			&worker->queues[worker->queue_count], error);

		if (result < 0)
			return result;
		worker->queue_count++;
	}
	return 0;
}

static void free_workers(struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		rte_free(appliance->workers[i]);
	appliance->worker_count = 0;
}

/* What the queues hold of the pools goes back before the devices close. */
static void free_queues(struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++) {
			struct stage *stage = &appliance->workers[i]->queues[j].stage;

			reassembly_free(stage->reassembly);
			rte_free(stage->limits);
		}
	acl_free(appliance->acl);
	appliance->acl = NULL;
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

int appliance_start(struct appliance *appliance, const struct config *config, struct error *error)
{
	unsigned int inited = 0, opened = 0;
	sigset_t held;
	int result;

	memset(appliance, 0, sizeof(*appliance));
	appliance->config = config;
	explain_init(&appliance->explain);
	hold_signals(&held); /* before EAL makes threads, which inherit it */
	result = pick_cores(&appliance->cores, config, error);
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
		result = device_open(&appliance->devices[opened], opened, error);
		if (result < 0)
			goto close;
	}
	result = make_acl(appliance, error);
	if (result == 0)
		result = make_workers(appliance, error);
	if (result < 0)
		goto free;
	hush_end();
	appliance->started = now();
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		rte_eal_remote_launch(
			worker_run, appliance->workers[i], appliance->workers[i]->lcore);
	return 0;
free:
	free_queues(appliance);
	free_workers(appliance);
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

/* Whether all ends by itself, and is not to be missed by long. */
static bool is_offline(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (appliance->devices[i].replay == NULL)
			return false;
	return true;
}

void appliance_wait(struct appliance *appliance)
{
	const bool offline = is_offline(appliance);
	const struct timespec pause = {.tv_nsec = (offline ? 1 : 50) * 1000 * 1000};
	struct watch watch = {0};
	sigset_t held;

	hold_signals(&held);
	do
		watch_devices(&watch, appliance, now());
	while (!is_drained(appliance) && sigtimedwait(&held, NULL, &pause) < 0);
}

int appliance_stop(struct appliance *appliance, struct error *error)
{
	struct error later;
	int result = 0;

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		worker_stop(appliance->workers[i]);
	rte_eal_mp_wait_lcore();
	free_queues(appliance);
	appliance->stopped = now();
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
	release_devices(appliance, appliance->config->device_count);
	eal_stop();
}
