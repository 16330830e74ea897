/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_random.h>

#include <udpecho/control/device.h>

#include "device/condition.h"
#include "device/interface.h"
#include "device/link.h"
#include "device/loss.h"
#include "device/replay.h"

#define MTU_LEAST 68 /* RFC 791 3.2; the MTU of an interface may be smaller */

uint16_t device_port(const struct device *device, unsigned int index, uint16_t *queue)
{
	*queue = device->is_split ? 0 : (uint16_t)index;
	return device->ports[device->is_split ? index : 0];
}

void devices_find(struct config *config)
{
	for (unsigned int i = 0; i < config->device_count; i++) {
		struct config_device *device = &config->devices[i];
		struct link link;
		char *name;

		if (!device->kind->is_interface || link_find(device->name, &link) < 0 ||
			link.name[0] == '\0' || strcmp(link.name, device->name) == 0)
			continue;
		name = strdup(link.name);
		if (name == NULL)
			continue;
		free(device->name);
		device->name = name;
	}
}

unsigned int device_mtu_for(const struct device *device, unsigned int mtu)
{
	const uint32_t room = rte_pktmbuf_data_room_size(device->pool) - RTE_PKTMBUF_HEADROOM;
	const uint32_t headers = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN;

	return RTE_MAX(RTE_MIN(mtu, room - headers), (unsigned int)MTU_LEAST);
}

unsigned int device_transmitter(const struct device *device, unsigned int index)
{
	return index % device->pair_count;
}

int device_node(const struct device *device)
{
	return rte_eth_dev_socket_id(device->ports[0]);
}

uint64_t device_clock(const struct device *device)
{
	return device->replay != NULL ? 1000000000 : rte_get_tsc_hz();
}

uint32_t device_key(const struct device *device)
{
	return device->replay != NULL ? 0 : (uint32_t)rte_rand();
}

void device_identify(const struct device *device, const struct config_device *config,
	const struct config *all, struct identity *identity)
{
	identity_init(identity, device->mac);
	identity->ttl = (uint8_t)all->ttl;
	for (unsigned int i = 0; i < config->address_count; i++)
		identity_add_address(identity, config->addresses[i]);
	identity_serve(identity, SERVICE_ECHO, &all->ports);
	identity_block(identity, &all->blocked);
	identity->report_unreachable = all->limits.unreachable.per_second > 0;
	identity->accept_partial =
		(all->partial_checksums != PARTIAL_OFF && config->kind->partial) ||
		(all->partial_checksums == PARTIAL_ON && config->kind->offline);
	if (config->kind->partial)
		identity->link_mtu = device->link_mtu;
}

/* Does the work of device_init(). The caller adds the name of the device to the error. */
static int look(struct device *device, const struct pulse *pulse, struct error *error)
{
	const struct config_device *config = device->config;
	unsigned int mtu = config->mtu;
	int result;

	if (config->kind->check != NULL) {
		result = config->kind->check(device, error);
		if (result < 0)
			return result;
	}
	if (config->kind->read != NULL) {
		result = config->kind->read(device, pulse, error);
		if (result < 0)
			return result;
	}
	if (config->kind->is_gone != NULL) {
		device->lock = interface_lock(config->name, error);
		if (device->lock < 0)
			return device->lock;
	}
	if (config->kind->is_interface)
		device->link_mtu = interface_mtu(device->name);
	if (mtu == 0 && config->kind->find_mtu != NULL)
		mtu = config->kind->find_mtu(device);
	device->mtu = mtu == 0 ? RTE_ETHER_MTU : RTE_MAX(mtu, (unsigned int)MTU_LEAST);
	if (device->mtu < IPV6_MTU_MIN && config_device_has(config, IP_FAMILY_IPV6)) {
		const struct condition low = condition_ipv6_mtu(config->name, device->mtu);

		return condition_error(&low, EINVAL, error);
	}
	return 0;
}

int device_init(struct device *device, const struct config *config, unsigned int index,
	const struct pulse *pulse, struct error *error)
{
	const struct config_device *own = &config->devices[index];
	int result;

	*device = (struct device){
		.config = own,
		.mac = own->mac,
		.lock = -1,
		.follows_mac = own->kind->follows_mac,
		.idle = config->has_idle ? config->idle : own->kind->idle,
	};
	if (own->kind->is_gone != NULL)
		snprintf(device->name, sizeof(device->name), "%s", own->name);
	result = look(device, pulse, error);
	if (result < 0)
		error_prefix(error, "device %s", own->text);
	return result;
}

void device_release(struct device *device)
{
	struct error ignored;

	replay_close(device->replay, &ignored);
	device->replay = NULL;
	if (device->lock >= 0)
		close(device->lock);
}

unsigned int device_count_queues(
	const struct config_device *config, unsigned int workers, bool *is_split)
{
	const struct device_kind *kind = config->kind;
	unsigned int count = 1;

	*is_split = false;
	if (kind->count_queues != NULL)
		count = kind->count_queues(config, is_split);
	else if (kind->most_queues > 0)
		count = RTE_MIN(config->queues != 0 ? config->queues : workers, kind->most_queues);
	return RTE_MIN(count, (unsigned int)WORKER_QUEUES_MAX);
}

bool device_is_exhausted(const struct device *device)
{
	/* A worker can't use the mbufs in the caches of the other workers. */
	const unsigned int cached = (device->queue_count - 1) * device->pool->cache_size * 3 / 2;

	return rte_mempool_avail_count(device->pool) < BURST_SIZE + cached;
}

void device_stats(const struct device *device, struct rte_eth_stats *stats)
{
	/* Reading the counters of hardware sets them to 0. Drivers add them up without a lock. */
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	*stats = device->stats;
	for (unsigned int i = 0; i < device->port_count; i++) {
		struct rte_eth_stats one = {0};

		rte_eth_stats_get(device->ports[i], &one);
		stats->ipackets += one.ipackets;
		stats->imissed += one.imissed;
		stats->ierrors += one.ierrors;
		stats->rx_nombuf += one.rx_nombuf;
		stats->oerrors += one.oerrors;
	}
	stats->imissed = loss_count(device->loss, stats->imissed);
	if (device->replay != NULL) {
		stats->ipackets += counter_read(&device->replay->delivered);
		stats->rx_nombuf += counter_read(&device->replay->lost);
	}
	pthread_mutex_unlock(&lock);
}

bool device_is_drained(const struct device *device)
{
	return device->replay != NULL && device->replay->is_done;
}
