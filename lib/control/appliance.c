/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_version.h>

#include <udpecho/control/appliance.h>
#include <udpecho/control/log.h>
#include <udpecho/control/service.h>

#include "capture/file.h"
#include "changes.h"
#include "cores.h"
#include "descriptors.h"
#include "device/eal.h"
#include "device/hush.h"
#include "device/process.h"
#include "format.h"
#include "monitor/http.h"
#include "monitor/telemetry.h"
#include "policy_set.h"
#include "privilege.h"
#include "signals.h"
#include "variant.h"
#include "watch.h"
#include "workers.h"

#define STOP_PATIENCE 5.0 /* seconds that a worker has to finish its burst */

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
static void summarize(struct appliance *appliance)
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
		if (device->pair_count < device->queue_count)
			log_say(RTE_LOG_NOTICE,
				"device %s: the interface transmits on %u of its %u queues: these "
				"send the replies of all (`ethtool -L`)",
				device->config->text, device->pair_count, device->queue_count);
		warn_of_distance(appliance, i);
		changes_expect_superframes(&appliance->devices[i]);
	}
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		log_say(RTE_LOG_NOTICE, "worker on core %d: polls %u queue%s, idle: %s",
			cores_nth(&appliance->cores, i), appliance->workers[i]->queue_count,
			appliance->workers[i]->queue_count == 1 ? "" : "s",
			idle_names[appliance->workers[i]->idle]);
	log_say(RTE_LOG_NOTICE, "version %s on %s, variant %s: running", UDPECHO_VERSION,
		rte_version(), appliance->variant->name);
}

/* Those of all devices, and of what is done while they run. */
static uint64_t privileges(const struct appliance *appliance)
{
	uint64_t sum = PRIVILEGE(CAP_DAC_READ_SEARCH); /* to read the configuration again */

	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		sum |= appliance->config->devices[i].kind->privileges;
	/* To see the physical addresses of what a reload allocates. */
	if (rte_eal_iova_mode() == RTE_IOVA_PA)
		sum |= PRIVILEGE(CAP_SYS_ADMIN);
	return sum;
}

int appliance_start(struct appliance *appliance, const struct config *config, struct error *error)
{
	const struct pulse pulse = {watch_meanwhile, appliance};
	unsigned int inited = 0, opened = 0;
	int result;

	memset(appliance, 0, sizeof(*appliance));
	appliance->config = config;
	pthread_mutex_init(&appliance->policies_lock, NULL);
	explain_init(&appliance->explain, config->report == REPORT_JSON);
	signals_hold(); /* before EAL makes threads, which inherit it */
	process_raise_memlock();
	result = descriptors_raise(error);
	if (result == 0)
		result = cores_pick(&appliance->cores, config, error);
	if (result < 0)
		return result;
	changes_begin(appliance);
	for (; inited < config->device_count; inited++) {
		result = device_init(&appliance->devices[inited], config, inited, &pulse, error);
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
		result = pulse_beat(&pulse, error);
		if (result < 0)
			goto close;
		result = device_open(&appliance->devices[opened], opened,
			(unsigned int)CPU_COUNT(&appliance->cores), error);
		if (result < 0)
			goto close;
	}
	result = policy_set_create(&appliance->policies, appliance, config, &pulse, error);
	appliance->policies_oldest = appliance->policies;
	if (result == 0)
		result = workers_make(appliance, error);
	if (result < 0)
		goto free;
	appliance->started = clock_point_now(CLOCK_MONOTONIC);
	result = http_start(appliance, error);
	if (result < 0)
		goto free;
	hush_end();
	telemetry_start(appliance);
	log_open(log_level(config, is_offline(appliance)));
	result = privilege_drop(privileges(appliance), error);
	if (result < 0)
		goto stop;
	summarize(appliance);
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		rte_eal_remote_launch(
			worker_run, appliance->workers[i], appliance->workers[i]->lcore);
	return 0;
stop:
	telemetry_stop();
	http_stop(appliance);
	log_close();
free:
	workers_free_queues(appliance);
	workers_free(appliance);
	policy_sets_free_until(appliance, NULL);
close:
	close_devices(appliance, opened);
	eal_stop();
unhush:
	hush_end();
release:
	release_devices(appliance, inited);
	changes_end(appliance);
	return result;
}

/* False while a device may still deliver; LOST: one of them was to go on, and can't. */
static bool is_over(const struct appliance *appliance, bool *lost)
{
	*lost = false;
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		const struct device *device = &appliance->devices[i];

		if (!device->is_lost && !device_is_drained(device))
			return false;
		*lost |= device->is_lost;
	}
	return true;
}

enum appliance_event appliance_wait(struct appliance *appliance)
{
	const bool offline = is_offline(appliance);
	const struct timespec pause = {.tv_nsec = (offline ? 1 : 50) * 1000000L};
	bool lost;
	int number;

	do {
		watch_all(appliance, clock_now());
		changes_follow(appliance, clock_now());
		service_tell(appliance, clock_now());
		if (is_over(appliance, &lost))
			return lost ? APPLIANCE_LOST : APPLIANCE_STOP;
		number = signals_wait(&pause);
	} while (number < 0);
	return number == SIGHUP ? APPLIANCE_RELOAD : APPLIANCE_STOP;
}

/* A driver may hold one for ever: net_af_packet's poll(2) waits for a peer that reads no more. */
static int stop_workers(struct appliance *appliance, struct error *error)
{
	const double end = clock_now() + STOP_PATIENCE;

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		worker_stop(appliance->workers[i]);
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		while (rte_eal_get_lcore_state(appliance->workers[i]->lcore) == RUNNING) {
			if (clock_now() > end) {
				appliance->is_held = true;
				return error_set(error, ETIMEDOUT,
					"worker on core %d: it did not stop within %.0f s: the "
					"driver of its device holds it",
					cores_nth(&appliance->cores, i), STOP_PATIENCE);
			}
			rte_delay_us_sleep(1000);
		}
	rte_eal_mp_wait_lcore();
	return 0;
}

int appliance_stop(struct appliance *appliance, struct error *error)
{
	struct error later;
	int result;

	service_stopping();
	http_stop(appliance);
	telemetry_stop();
	capture_file_end(appliance);
	changes_end(appliance);
	result = stop_workers(appliance, error);
	appliance->stopped = clock_now();
	if (result < 0)
		return result;
	capture_file_release(appliance);
	workers_free_queues(appliance);
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
	if (appliance->is_held)
		return; /* the end of the process frees it */
	workers_free(appliance);
	policy_sets_free_until(appliance, NULL);
	release_devices(appliance, appliance->config->device_count);
	eal_stop();
}
