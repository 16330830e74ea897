/* SPDX-License-Identifier: BSD-3-Clause */
/* A driver that takes nothing, gives nothing back, or loses frames. */
#include <stdio.h>

#include <jansson.h>
#include <rte_ethdev.h>

#include "monitor/report_json.h"
#include "watch_rig.h"

static uint16_t take_nothing(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)frames;
	(void)count;
	(void)argument;
	return 0;
}

void test_stuck(void **state)
{
	const struct rte_eth_rxtx_callback *callback;

	(void)state;
	watch_look(1);
	watch_look(10);
	assert_int_equal(seen->faults.tx_stalls, 0);
	watch_look(19);
	callback = rte_eth_add_tx_callback(device->ports[0], 0, take_nothing, NULL);
	assert_non_null(callback);
	watch_look(19.5); /* some may have gone before */
	watch_look(19.9);
	assert_int_equal(seen->faults.tx_stalls, 0);
	watch_look(20.6);
	assert_int_equal(seen->faults.tx_stalls, 1);
	watch_look(25);
	assert_int_equal(seen->faults.tx_stalls, 1);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	watch_look(30);
	watch_look(40);
	assert_int_equal(seen->faults.tx_stalls, 1);
	assert_false(seen->tx_is_stuck);
}

static uint16_t give_nothing(uint16_t port, uint16_t queue, struct rte_mbuf *frames[],
	uint16_t count, uint16_t most, void *argument)
{
	(void)port;
	(void)queue;
	(void)most;
	(void)argument;
	rte_pktmbuf_free_bulk(frames, count);
	return 0;
}

/* Some are lost, and then nobody asks any more: who says that the next one would be? */
void test_lost_and_quiet(void **state)
{
	const struct rte_eth_rxtx_callback *lose, *quiet;
	const uint64_t stalls = seen->faults.tx_stalls;

	(void)state;
	lose = rte_eth_add_tx_callback(device->ports[0], 0, take_nothing, NULL);
	watch_look(180);
	watch_look(180.1);
	quiet = rte_eth_add_rx_callback(device->ports[0], 0, give_nothing, NULL);
	watch_look(180.2);
	watch_look(182);
	assert_true(seen->tx_lost > seen->tx_full);
	watch_look(189);
	assert_int_equal(seen->faults.tx_stalls, stalls);
	watch_look(191);
	assert_true(seen->tx_lost == seen->tx_full);
	assert_int_equal(rte_eth_remove_rx_callback(device->ports[0], 0, quiet), 0);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, lose), 0);
	watch_look(192);
}

static struct rte_mbuf *kept[65536];
static unsigned int kept_count;

/* A driver that does not give back what it has transmitted. */
static uint16_t keep_all(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)argument;
	for (uint16_t i = 0; i < count && kept_count < RTE_DIM(kept); i++) {
		rte_mbuf_refcnt_update(frames[i], 1);
		kept[kept_count++] = frames[i];
	}
	return count;
}

void test_exhausted(void **state)
{
	const struct rte_eth_rxtx_callback *callback;

	(void)state;
	watch_look(50);
	assert_int_equal(seen->faults.pool_exhausted, 0);
	callback = rte_eth_add_tx_callback(device->ports[0], 0, keep_all, NULL);
	assert_non_null(callback);
	for (unsigned int i = 0; i < 1000 && seen->faults.pool_exhausted == 0; i++)
		watch_look(51);
	watch_look(52);
	assert_int_equal(seen->faults.pool_exhausted, 1);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	watch_work();
	rte_pktmbuf_free_bulk(kept, kept_count);
	watch_work();
	watch_look(53);
	assert_false(seen->is_exhausted);
}

/* What the driver says of frames that it lost; see __wrap_rte_eth_stats_get(). */
static struct rte_eth_stats lost;

int __real_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats);
int __wrap_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats);

/* Linked in place of ethdev's, as no software device loses any. */
int __wrap_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats)
{
	const int result = __real_rte_eth_stats_get(port, stats);

	stats->imissed += lost.imissed;
	stats->ierrors += lost.ierrors;
	stats->rx_nombuf += lost.rx_nombuf;
	return result;
}

static json_int_t reported(const char *name)
{
	json_t *report = report_json(&appliance->view);
	const json_int_t value = json_integer_value(
		json_object_get(json_array_get(json_object_get(report, "devices"), 0), name));

	json_decref(report);
	return value;
}

void test_errors(void **state)
{
	const uint64_t exhausted = seen->faults.pool_exhausted;

	(void)state;
	watch_look(55);
	assert_int_equal(reported("rx_missed") + reported("rx_errors"), 0);
	lost = (struct rte_eth_stats){.imissed = 7, .ierrors = 3, .rx_nombuf = 5};
	watch_look(56);
	assert_int_equal(reported("rx_missed"), 7);
	assert_int_equal(watch_said.missed, 1);
	assert_int_equal(reported("rx_errors"), 3);
	assert_int_equal(reported("rx_nombuf"), 5);
	assert_int_equal(seen->faults.pool_exhausted, exhausted + 1);
	watch_look(57); /* no more of them: it is over, and told once */
	assert_int_equal(watch_said.missed, 1);
	assert_false(seen->is_exhausted);
	assert_int_equal(seen->faults.pool_exhausted, exhausted + 1);
	printf("# the driver loses 7, 3 and 5 frames | rx_missed 7, rx_errors 3, rx_nombuf 5 in "
	       "the report; told once | law holds | pool full\n");
}
