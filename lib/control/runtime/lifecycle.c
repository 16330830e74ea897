/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_launch.h>

#include "cores.h"
#include "descriptors.h"
#include "device/eal.h"
#include "device/eal_arguments.h"
#include "device/hush.h"
#include "device/process.h"
#include "runtime/lifecycle.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"
#include "variant.h"

#define STOP_PATIENCE 5.0 /* seconds that a worker has to finish its burst */

int runtime_prepare(struct runtime *runtime, const struct config *config, struct explain *explain,
	struct error *error)
{
	int result;

	*runtime = (struct runtime){.config = config, .explain = explain};
	process_raise_memlock();
	result = descriptors_raise(error);
	return result == 0 ? cores_pick(&runtime->cores, config, error) : result;
}

static int open_devices(struct runtime *runtime, const struct pulse *pulse, struct error *error)
{
	for (; runtime->open_count < runtime->device_count; runtime->open_count++) {
		int result = pulse_beat(pulse, error);

		if (result == 0)
			result = device_open(&runtime->devices[runtime->open_count],
				runtime->open_count, (unsigned int)CPU_COUNT(&runtime->cores),
				error);
		if (result < 0)
			return result;
	}
	return 0;
}

static int close_devices(struct runtime *runtime, struct error *error)
{
	int result = 0;

	for (unsigned int i = 0; i < runtime->open_count; i++) {
		struct error later;
		const int failure =
			device_close(&runtime->devices[i], result == 0 ? error : &later);

		if (result == 0)
			result = failure;
	}
	runtime->open_count = 0;
	return result;
}

static void release_devices(struct runtime *runtime)
{
	while (runtime->device_count > 0)
		device_release(&runtime->devices[--runtime->device_count]);
}

/* Makes everything that needs EAL. */
static int make_all(struct runtime *runtime, const struct pulse *pulse, struct error *error)
{
	const struct config *config = runtime->config;
	struct error ignored;
	int result;

	runtime->variant = variant_choose(config->variant, error);
	if (runtime->variant == NULL)
		return -ENOTSUP;
	result = open_devices(runtime, pulse, error);
	if (result == 0)
		result = policy_set_create(&runtime->policies, runtime, config, pulse, error);
	runtime->oldest = runtime->policies;
	if (result == 0)
		result = workers_make(runtime, error);
	if (result < 0) {
		workers_free_queues(runtime);
		workers_free(runtime);
		policy_sets_free_until(runtime, NULL);
		close_devices(runtime, &ignored);
	}
	return result;
}

int runtime_open(struct runtime *runtime, const struct pulse *pulse, struct error *error)
{
	const struct config *config = runtime->config;
	int result = 0;

	for (unsigned int i = 0; i < config->device_count && result == 0; i++) {
		result = device_init(&runtime->devices[i], config, i, pulse, error);
		runtime->device_count += result == 0;
	}
	if (result == 0) {
		hush_begin(!eal_is_verbose(config));
		result = eal_start(config, &runtime->cores, error);
		if (result == 0) {
			result = make_all(runtime, pulse, error);
			if (result < 0)
				eal_stop();
		}
		hush_end();
	}
	if (result < 0)
		release_devices(runtime);
	else
		runtime->started = clock_point_now(CLOCK_MONOTONIC);
	return result;
}

void runtime_launch(struct runtime *runtime)
{
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		rte_eal_remote_launch(worker_run, runtime->workers[i], runtime->workers[i]->lcore);
}

/* A driver may never return: net_af_packet's poll(2) waits for a peer that no longer reads. */
static int stop_workers(struct runtime *runtime, struct error *error)
{
	const double end = clock_now() + STOP_PATIENCE;

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		worker_stop(runtime->workers[i]);
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		while (rte_eal_get_lcore_state(runtime->workers[i]->lcore) == RUNNING) {
			if (clock_now() > end) {
				runtime->is_held = true;
				return error_set(error, ETIMEDOUT,
					"worker on core %d: it did not stop within %.0f s, because "
					"the driver of its device did not return",
					cores_nth(&runtime->cores, i), STOP_PATIENCE);
			}
			rte_delay_us_sleep(1000);
		}
	rte_eal_mp_wait_lcore();
	return 0;
}

int runtime_stop(struct runtime *runtime, struct error *error)
{
	const int result = stop_workers(runtime, error);

	runtime->stopped = clock_now();
	return result;
}

int runtime_close(struct runtime *runtime, struct error *error)
{
	int result;

	workers_free_queues(runtime);
	hush_begin(!eal_is_verbose(runtime->config));
	result = close_devices(runtime, error);
	hush_end();
	return result;
}

void runtime_release(struct runtime *runtime)
{
	if (runtime->is_held)
		return; /* the end of the process frees it */
	workers_free(runtime);
	policy_sets_free_until(runtime, NULL);
	release_devices(runtime);
	eal_stop();
}
