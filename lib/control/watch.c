/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include <udpecho/control/log.h>
#include <udpecho/control/service.h>

#include "claim.h"
#include "cores.h"
#include "signals.h"
#include "watch.h"

#define STUCK_AFTER     1.0  /* seconds without what should have been */
#define FORGOTTEN_AFTER 10.0 /* seconds since one was lost: nothing says that the next would be */

static bool link_is_up(const struct device *device)
{
	struct rte_eth_link link = {0};

	if (device->config->kind->link_is_up != NULL)
		return device->config->kind->link_is_up(device);
	return rte_eth_link_get_nowait(device->ports[0], &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

/* Each direction at its own pace, so that a link that flaps does not fill the log, nor ends untold.
 */
static void tell_link(struct device *device, bool is_up, double now)
{
	struct device_watch *watch = &device->watch;

	if (is_up == watch->told_up ||
		!log_may(is_up ? &watch->up_logged : &watch->down_logged, now))
		return;
	watch->told_up = is_up;
	log_say(is_up ? RTE_LOG_NOTICE : RTE_LOG_WARNING, "device %s: link %s",
		device->config->text, is_up ? "up" : "down");
}

static void watch_link(struct appliance *appliance, unsigned int index, double now)
{
	struct device *device = &appliance->devices[index];
	struct device_watch *watch = &device->watch;
	const bool is_up = link_is_up(device);

	if (!watch->link_is_known) {
		watch->told_up = is_up;
		if (is_up)
			claim_begin(appliance, index, now);
		else
			log_say(RTE_LOG_WARNING, "device %s: link down: waiting for it",
				device->config->text);
	} else if (is_up != watch->link_up) {
		counter_add(&device->faults.link_changes, 1);
		if (is_up)
			claim_begin(appliance, index, now);
	}
	watch->link_up = is_up;
	watch->link_is_known = true;
	tell_link(device, is_up, now);
}

/* Nobody can tell how long the datagrams in it were: it is for whoever runs the machines to end it.
 */
static void watch_superframes(struct device *device, const struct counters *counters, double now)
{
	const uint64_t count = counters->verdicts[VERDICT_ETH_SUPERFRAME];

	if (count == device->watch.superframes || !log_may(&device->watch.superframes_logged, now))
		return;
	device->watch.superframes = count;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64
		" frame%s held several datagrams and %s dropped (eth-superframe): "
		"switch off what puts them together: `ethtool -K %s rx-udp-gro-forwarding off "
		"rx-gro-list off` here, and at the other end of a veth `ethtool -K PEER "
		"tx-udp-segmentation off`",
		device->config->text, count, count == 1 ? "" : "s", count == 1 ? "was" : "were",
		device->name);
}

/* See packet_sockets_keep_tags(): no wire brings anything else so short. */
static void watch_tags(struct device *device, const struct counters *counters, double now)
{
	const uint64_t count = counters->verdicts[VERDICT_ETH_RUNT];

	if (strcmp(device->config->kind->prefix, "af_packet") != 0 ||
		count == device->watch.runts || !log_may(&device->watch.runts_logged, now))
		return;
	device->watch.runts = count;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64 " frame%s dropped (eth-runt) whose outer VLAN tag is not "
		"802.1Q: AF_PACKET's driver "
		"would answer into another VLAN: use af_xdp, pcap-live or a VLAN interface",
		device->config->text, count, count == 1 ? " was" : "s were");
}

/* Replies that nothing takes, again and again for a while, and not one that it does. */
static void watch_transmission(struct device *device, const struct counters *counters, double now)
{
	struct device_watch *watch = &device->watch;

	if (counters->tx_full != watch->tx_lost) {
		watch->tx_lost = counters->tx_full;
		watch->tx_lost_at = now;
	}
	if (counters->tx_packets != watch->tx_packets || watch->tx_lost == watch->tx_full ||
		now - watch->tx_lost_at > FORGOTTEN_AFTER) {
		watch->tx_packets = counters->tx_packets;
		watch->tx_full = watch->tx_lost;
		watch->tx_moved = now;
		watch->tx_is_stuck = false;
		return;
	}
	if (watch->tx_is_stuck || watch->tx_lost_at - watch->tx_moved < STUCK_AFTER)
		return;
	watch->tx_is_stuck = true;
	counter_add(&device->faults.tx_stalls, 1);
	if (log_may(&watch->tx_logged, now))
		log_say(RTE_LOG_WARNING,
			"device %s: transmits nothing: %" PRIu64 " replies lost so far (tx_full)",
			device->config->text, counters->tx_full);
}

/* Frames that came, and that nobody was in time for. */
static void watch_missed(struct device *device, const struct rte_eth_stats *stats, double now)
{
	if (stats->imissed == device->watch.missed || !log_may(&device->watch.missed_logged, now))
		return;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64
		" frame%s lost before udpechod polled %s (rx_missed): give it "
		"more cores (--cores), or queues (`ethtool -L`), or less traffic",
		device->config->text, stats->imissed - device->watch.missed,
		stats->imissed - device->watch.missed == 1 ? " was" : "s were",
		stats->imissed - device->watch.missed == 1 ? "it" : "them");
	device->watch.missed = stats->imissed;
}

static void watch_pool(struct device *device, double now)
{
	struct rte_eth_stats stats;
	bool is_exhausted;

	device_stats(device, &stats);
	watch_missed(device, &stats, now);
	is_exhausted = stats.rx_nombuf > device->watch.rx_nombuf || device_is_exhausted(device);
	device->watch.rx_nombuf = stats.rx_nombuf;
	if (is_exhausted && !device->watch.is_exhausted) {
		counter_add(&device->faults.pool_exhausted, 1);
		if (log_may(&device->watch.pool_logged, now))
			log_say(RTE_LOG_WARNING,
				"device %s: out of packet buffers: frames are lost (rx_nombuf)",
				device->config->text);
	}
	device->watch.is_exhausted = is_exhausted;
}

static void watch_presence(struct device *device)
{
	const struct device_kind *kind = device->config->kind;

	if (device->was_removed) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: the NIC is gone", device->config->text);
	} else if (device->wants_reset) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: its driver wants a reset: restart udpechod",
			device->config->text);
	} else if (kind->is_gone != NULL && kind->is_gone(device)) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: the interface is gone", device->config->text);
	}
}

static void watch_worker(struct appliance *appliance, unsigned int index, double now)
{
	struct worker_watch *watch = &appliance->worker_watches[index];
	const int core = cores_nth(&appliance->cores, index);
	const uint64_t rounds =
		__atomic_load_n(&appliance->workers[index]->rounds, __ATOMIC_RELAXED);

	if (rounds != watch->rounds || watch->moved == 0) {
		if (watch->is_told)
			log_say(RTE_LOG_NOTICE, "worker on core %d: polls again after %.1f s", core,
				now - watch->moved);
		watch->rounds = rounds;
		watch->moved = now;
		watch->is_stalled = watch->is_told = false;
		return;
	}
	if (watch->is_stalled || now - watch->moved < STUCK_AFTER)
		return;
	watch->is_stalled = true;
	counter_add(&watch->stalls, 1);
	watch->is_told = log_may(&watch->logged, now);
	if (watch->is_told)
		log_say(RTE_LOG_ERR,
			"worker on core %d: has not polled for %.1f s: is something else on its "
			"core?",
			core, now - watch->moved);
}

void watch_all(struct appliance *appliance, double now)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		watch_worker(appliance, i, now);
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		struct device *device = &appliance->devices[i];
		struct counters counters;

		if (device->replay != NULL || device->is_lost)
			continue;
		watch_presence(device);
		if (device->is_lost)
			continue;
		counters = appliance_count(appliance, i);
		watch_link(appliance, i, now);
		claim_watch(appliance, i, now);
		watch_superframes(device, &counters, now);
		watch_tags(device, &counters, now);
		watch_transmission(device, &counters, now);
		watch_pool(device, now);
	}
}

int watch_meanwhile(void *caller, struct error *error)
{
	struct appliance *appliance = caller;

	if (appliance->started.ns == 0) {
		service_starting();
	} else {
		const double now = clock_now();

		watch_all(appliance, now);
		service_tell(appliance, now);
	}
	return signals_beat(NULL, error);
}
