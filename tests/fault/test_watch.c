/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults that no network of a test's own can bring about, made in the process itself: an appliance
 * on an endless device, and each fault as the driver would show it.
 */
#include <stdio.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "../unit/settings.h"
#include "runtime/workers.h"
#include "watch_rig.h"

/* It has started: see __wrap_rte_zmalloc_socket(). */
static void test_far(void **state)
{
	(void)state;
	assert_int_equal(watch_said.far, runtime->worker_count);
}

/* Drops are sampled so many times a second by the clock that the frames bring: nanoseconds. */
static void test_clocks(void **state)
{
	const uint64_t clocks[] = {rte_get_tsc_hz(), 1000000000};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(clocks); i++) {
		const struct worker_queue *queue = workers_queue(runtime, i);

		assert_int_equal(queue->drop_interval, clocks[queue->device] / 100);
	}
}

/* The wall clock, and when frames were dropped by it. */
static int64_t step; /* seconds */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	const int result = __real_clock_gettime(clock, time);

	if (clock == CLOCK_REALTIME)
		time->tv_sec += step;
	return result;
}

static void test_wall_clock(void **state)
{
	static const int64_t steps[] = {0, -10 * 365 * 86400, 10 * 365 * 86400};
	const uint64_t ticks = rte_rdtsc();
	const struct clock_point now = clock_point_now(CLOCK_REALTIME);

	(void)state;
	for (size_t i = 0; i < RTE_DIM(steps); i++) {
		struct clock_point point;
		double off;

		step = steps[i];
		point = clock_point_now(CLOCK_REALTIME);
		/* The same moment, by the clock as it is now. */
		off = (double)(int64_t)(clock_ns_at(&point, ticks, (double)rte_get_tsc_hz()) -
					now.ns) /
			      1e9 -
		      (double)step;
		assert_true(off > -60 && off < 60);
		watch_look(58 + (double)i);
		assert_true(runtime_uptime(runtime) < 3600);
		assert_false(watch->workers[0].is_stalled);
	}
	step = 0;
	printf("# the wall clock goes ten years back and forth | times of drops go with it, "
	       "nothing else | law holds | pool full\n");
}

static bool is_held;

static uint16_t hold(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)frames;
	(void)argument;
	while (__atomic_load_n(&is_held, __ATOMIC_RELAXED))
		rte_delay_us_sleep(1000);
	return count;
}

static unsigned int count_allocations(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.alloc_count;
}

static void reload(const char *limit)
{
	struct error error = {.text = ""};

	assert_int_equal(setting_apply(&config, "rate-limit", limit, &error), 0);
	assert_int_equal(appliance_reload(appliance, &config, &error), 0);
}

/* A stalled worker may still read the old policy: it is kept, and freed once the worker polls. */
static void test_reload_while_held(void **state)
{
	const struct rte_eth_rxtx_callback *callback;
	unsigned int allocations, kept_meanwhile;

	(void)state;
	reload("1000000000");
	watch_work();
	callback = rte_eth_add_tx_callback(device->ports[0], 0, hold, NULL);
	assert_non_null(callback);
	allocations = count_allocations();
	__atomic_store_n(&is_held, true, __ATOMIC_RELAXED);
	rte_delay_us_sleep(10000);
	reload("900000000");
	reload("900000000"); /* shares the buckets of the one before */
	reload("800000000");
	kept_meanwhile = count_allocations() - allocations;
	__atomic_store_n(&is_held, false, __ATOMIC_RELAXED);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	assert_true(kept_meanwhile >= 3 + 2); /* sets, and buckets */
	watch_work();
	reload("700000000");
	assert_int_equal(count_allocations(), allocations);
	printf("# a worker is stalled for three reloads | all is kept, and freed with the next | "
	       "law holds | pool full\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_wall_clock),
		cmocka_unit_test(test_flaps),
		cmocka_unit_test(test_reload_while_held),
		cmocka_unit_test(test_lost_and_quiet),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_defence),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests_name("watch", tests, watch_start, watch_stop);
}
