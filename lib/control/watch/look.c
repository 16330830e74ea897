/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <string.h>

#include <udpecho/control/log.h>

#include "cores.h"
#include "foreign.h"
#include "watch/changes.h"
#include "watch/claim.h"
#include "watch/look.h"

#define STUCK_AFTER     1.0  /* seconds without progress */
#define FORGOTTEN_AFTER 10.0 /* seconds since the last lost reply: the next one may succeed */

static bool link_is_up(const struct device *device, bool before)
{
	struct rte_eth_link link = {0};

	if (device->config->kind->link_is_up != NULL)
		return device->config->kind->link_is_up(device, before);
	return rte_eth_link_get_nowait(device->ports[0], &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

/* Up and down have a pace each: a flapping link does not fill the log, and its last state is
 * logged. */
static void tell_link(
	const struct device *device, struct device_watch *watch, bool is_up, double now)
{
	if (is_up == watch->told_up ||
		!log_may(is_up ? &watch->up_logged : &watch->down_logged, now))
		return;
	watch->told_up = is_up;
	log_say(is_up ? RTE_LOG_NOTICE : RTE_LOG_WARNING, "device %s: link %s",
		device->config->text, is_up ? "up" : "down");
}

static void watch_link(struct watch *all, unsigned int index, double now)
{
	const struct device *device = &all->runtime->devices[index];
	struct device_watch *watch = &all->devices[index];
	const bool is_up = link_is_up(device, watch->link_up);

	if (!watch->link_is_known) {
		watch->told_up = is_up;
		if (is_up)
			claim_begin(all, index, now);
		else
			log_say(RTE_LOG_WARNING, "device %s: link down: waiting for it",
				device->config->text);
	} else if (is_up != watch->link_up) {
		counter_add(&watch->faults.link_changes, 1);
		if (is_up)
			claim_begin(all, index, now);
	}
	watch->link_up = is_up;
	watch->link_is_known = true;
	tell_link(device, watch, is_up, now);
}

/* We can't know how long the merged datagrams were, so the operator has to end this. */
static void watch_superframes(const struct device *device, struct device_watch *watch,
	const struct counters *counters, double now)
{
	const uint64_t count = counters->verdicts[VERDICT_ETH_SUPERFRAME];

	if (count == watch->superframes || !log_may(&watch->superframes_logged, now))
		return;
	watch->superframes = count;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64
		" frame%s held several datagrams and %s dropped (eth-superframe): "
		"switch off the offload that merges them: `ethtool -K %s rx-udp-gro-forwarding off "
		"rx-gro-list off` here, and at the other end of a veth `ethtool -K PEER "
		"tx-udp-segmentation off`",
		device->config->text, count, count == 1 ? "" : "s", count == 1 ? "was" : "were",
		foreign_word(device->name).text);
}

/* See packet_sockets_keep_tags(): no other frame on a wire is so short. */
static void watch_tags(const struct device *device, struct device_watch *watch,
	const struct counters *counters, double now)
{
	const uint64_t count = counters->verdicts[VERDICT_ETH_RUNT];

	if (strcmp(device->config->kind->prefix, "af_packet") != 0 || count == watch->runts ||
		!log_may(&watch->runts_logged, now))
		return;
	watch->runts = count;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64 " frame%s dropped (eth-runt) whose outer VLAN tag is not "
		"802.1Q: AF_PACKET's driver would answer into another VLAN: use af_xdp, pcap-live "
		"or a VLAN interface",
		device->config->text, count, count == 1 ? " was" : "s were");
}

/* The device has lost replies for a while, and has transmitted none. */
static void watch_transmission(const struct device *device, struct device_watch *watch,
	const struct counters *counters, double now)
{
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
	counter_add(&watch->faults.tx_stalls, 1);
	if (log_may(&watch->tx_logged, now))
		log_say(RTE_LOG_WARNING,
			"device %s: it transmits nothing: %" PRIu64
			" replies lost so far (tx_full)",
			device->config->text, counters->tx_full);
}

/* Warns of frames that the workers did not poll in time. */
static void watch_missed(const struct device *device, struct device_watch *watch,
	const struct rte_eth_stats *stats, double now)
{
	if (stats->imissed <= watch->missed || !log_may(&watch->missed_logged, now))
		return;
	log_say(RTE_LOG_WARNING,
		"device %s: %" PRIu64
		" frame%s lost before udpechod polled %s (rx_missed): give it "
		"more cores (--cores), or queues (`ethtool -L`), or less traffic",
		device->config->text, stats->imissed - watch->missed,
		stats->imissed - watch->missed == 1 ? " was" : "s were",
		stats->imissed - watch->missed == 1 ? "it" : "them");
	watch->missed = stats->imissed;
}

static void watch_pool(const struct device *device, struct device_watch *watch, double now)
{
	struct rte_eth_stats stats;
	bool is_exhausted;

	device_stats(device, &stats);
	watch_missed(device, watch, &stats, now);
	is_exhausted = stats.rx_nombuf > watch->rx_nombuf || device_is_exhausted(device);
	watch->rx_nombuf = stats.rx_nombuf;
	if (is_exhausted && !watch->is_exhausted) {
		counter_add(&watch->faults.pool_exhausted, 1);
		if (log_may(&watch->pool_logged, now))
			log_say(RTE_LOG_WARNING,
				"device %s: out of packet buffers: frames are lost (rx_nombuf)",
				device->config->text);
	}
	watch->is_exhausted = is_exhausted;
}

static void watch_presence(struct device *device)
{
	const struct device_kind *kind = device->config->kind;

	if (device->was_removed) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: the NIC is gone", device->config->text);
	} else if (device->wants_reset) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: its driver needs a reset: restart udpechod",
			device->config->text);
	} else if (kind->is_gone != NULL && kind->is_gone(device)) {
		device->is_lost = true;
		log_say(RTE_LOG_ERR, "device %s: the interface is gone", device->config->text);
	}
}

static void watch_worker(
	const struct runtime *runtime, unsigned int index, struct worker_watch *watch, double now)
{
	const int core = cores_nth(&runtime->cores, index);
	const uint64_t rounds = __atomic_load_n(&runtime->workers[index]->rounds, __ATOMIC_RELAXED);

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
			"worker on core %d: has not polled for %.1f s: check whether something "
			"else "
			"uses its core",
			core, now - watch->moved);
}

void watch_begin(struct watch *watch, struct runtime *runtime)
{
	*watch = (struct watch){.runtime = runtime};
	/* A capture has no link that could go down. */
	for (unsigned int i = 0; i < runtime->config->device_count; i++)
		watch->devices[i].link_up = runtime->config->devices[i].kind->offline;
	changes_begin(watch);
}

void watch_all(struct watch *watch, double now)
{
	struct runtime *runtime = watch->runtime;

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		watch_worker(runtime, i, &watch->workers[i], now);
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		struct device *device = &runtime->devices[i];
		struct device_watch *seen = &watch->devices[i];
		struct counters counters;

		if (device->replay != NULL || device->is_lost)
			continue;
		watch_presence(device);
		if (device->is_lost)
			continue;
		counters = runtime_count(runtime, i);
		watch_link(watch, i, now);
		claim_watch(watch, i, now);
		watch_superframes(device, seen, &counters, now);
		watch_tags(device, seen, &counters, now);
		watch_transmission(device, seen, &counters, now);
		watch_pool(device, seen, now);
	}
}

void watch_end(struct watch *watch)
{
	changes_end(watch);
}
