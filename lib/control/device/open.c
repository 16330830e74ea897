/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_pci.h>

#include <udpecho/control/device.h>
#include <udpecho/control/log.h>

#include "device/hush.h"
#include "device/interface.h"
#include "device/link.h"
#include "device/loss.h"
#include "device/obstacle.h"
#include "device/packet_socket.h"
#include "device/port.h"
#include "device/replay.h"

/* net_af_xdp needs 2,048 for its fill ring, and vmxnet3 as many for two rings. */
#define POOL_SIZE         8191
#define OFFLINE_POOL_SIZE 4095
#define LEAST_POOL_SIZE   1023
#define POOL_BYTES        83886080 /* 80 MiB, which limits the buffers for long frames */
#define POOL_CACHE        128
/* Drivers need room for an FCS, and for the header of virtio, which they do not deliver. */
#define DRIVER_ROOM       (RTE_ETHER_CRC_LEN + 12)

/*
 * Returns the bytes for a frame in an mbuf. Any frame fits, so that drivers need not chain mbufs,
 * and each fragment of a reply fits. The 16 bits of data_len set the limit.
 */
static uint32_t data_room(const struct device *device)
{
	const uint32_t headers = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + DRIVER_ROOM;
	uint32_t room = RTE_MAX(device->mtu + headers, device->config->kind->frame_room);

	if (device->replay != NULL)
		room = RTE_MAX(room, device->replay->longest);
	room = RTE_MAX(room, (uint32_t)RTE_MBUF_DEFAULT_DATAROOM);
	return RTE_MIN(room, (uint32_t)UINT16_MAX - RTE_PKTMBUF_HEADROOM);
}

/* Makes the virtual device, from queue FIRST on, or names the PCI one that EAL has probed. */
static int probe(struct device *device, unsigned int index, unsigned int first, char *name,
	size_t size, struct error *error)
{
	const struct config_device *config = device->config;
	const struct device_kind *kind = config->kind;
	char *arguments = NULL;
	int result;

	if (kind->pci) {
		struct rte_pci_addr address;

		rte_pci_addr_parse(config->name, &address);
		rte_pci_device_name(&address, name, size);
		return 0;
	}
	if (kind->driver != NULL) {
		snprintf(name, size, "%s%u_%u", kind->driver, index, first);
		if (asprintf(&arguments, kind->devargs, config->name,
			    device->is_split ? 1 : device->queue_count,
			    kind->ring_frames != NULL ? kind->ring_frames(device->queue_count)
						      : first) < 0)
			return error_set(error, ENOMEM, "no memory");
	} else {
		const char *comma = strchrnul(config->name, ',');

		snprintf(name, size, "%.*s", (int)(comma - config->name), config->name);
		arguments = strdup(*comma == ',' ? comma + 1 : "");
		if (arguments == NULL)
			return error_set(error, ENOMEM, "no memory");
	}
	result = rte_eal_hotplug_add("vdev", name, arguments);
	free(arguments);
	if (result != 0)
		return error_set(error, EIO, "DPDK cannot make the device: %s",
			hush_why(
				result < 0 ? rte_strerror(-result) : "the driver gives no reason"));
	return 0;
}

static int find_port(struct device *device, const char *name, struct error *error)
{
	if (rte_eth_dev_get_port_by_name(name, &device->ports[device->port_count]) == 0) {
		device->port_count++;
		return 0;
	}
	if (device->config->kind->pci)
		return error_set(error, ENODEV,
			"no DPDK driver has this NIC: bind it with `udpechod-bind-nic %s`",
			device->config->name);
	return error_set(error, ENODEV, "%s is not a network device", name);
}

static int make_pool(struct device *device, struct error *error)
{
	const uint32_t room = data_room(device) + RTE_PKTMBUF_HEADROOM;
	unsigned int size = device->replay != NULL ? OFFLINE_POOL_SIZE : POOL_SIZE;
	char name[RTE_MEMPOOL_NAMESIZE];

	while (size > LEAST_POOL_SIZE && (uint64_t)size * room > POOL_BYTES)
		size /= 2;
	size = (size + 1) * device->queue_count - 1;
	device->pool_size = size;
	snprintf(name, sizeof(name), "port%u", device->ports[0]);
	device->pool = rte_pktmbuf_pool_create(
		name, size, POOL_CACHE, 0, (uint16_t)room, device_node(device));
	if (device->pool == NULL && device_node(device) >= 0) {
		device->pool = rte_pktmbuf_pool_create(
			name, size, POOL_CACHE, 0, (uint16_t)room, SOCKET_ID_ANY);
		if (device->pool != NULL)
			log_say(RTE_LOG_WARNING,
				"device %s: its NUMA node, %d, has no memory for packet buffers, "
				"so it is slower: reserve hugepages there",
				device->config->text, device_node(device));
	}
	if (device->pool == NULL)
		return error_set(error, ENOMEM, "no memory for %u packet buffers: %s", size,
			hush_why(rte_strerror(rte_errno)));
	return 0;
}

/*
 * Settles the MAC. A NIC that only we use takes the operator's MAC. An interface that the kernel
 * uses too keeps its own, and becomes promiscuous.
 */
static int settle_mac(struct device *device, struct error *error)
{
	const struct config_device *config = device->config;
	struct rte_ether_addr mac;
	int result;

	if (config->has_mac) {
		memcpy(&mac, &config->mac, sizeof(mac));
		if (!config->kind->pci ||
			rte_eth_dev_default_mac_addr_set(device->ports[0], &mac) < 0)
			rte_eth_promiscuous_enable(
				device->ports[0]); /* fails if it has no filter */
		return 0;
	}
	result = rte_eth_macaddr_get(device->ports[0], &mac);
	if (result < 0)
		return error_set(error, -result, "no MAC address: %s", rte_strerror(-result));
	memcpy(&device->mac, &mac, sizeof(mac));
	if (config->kind->settle_mac != NULL)
		return config->kind->settle_mac(device, &device->mac, error);
	return 0;
}

/* The driver says that the device is gone, or needs a reset, which takes a restart. */
static int note_event(uint16_t port, enum rte_eth_event_type event, void *argument, void *returned)
{
	struct device *device = argument;

	(void)port;
	(void)returned;
	if (event == RTE_ETH_EVENT_INTR_RMV)
		device->was_removed = true;
	else
		device->wants_reset = true;
	return 0;
}

static const enum rte_eth_event_type events[] = {RTE_ETH_EVENT_INTR_RESET, RTE_ETH_EVENT_INTR_RMV};

static int check_interrupts(const struct device *device, struct error *error)
{
	if (device->idle == IDLE_INTERRUPT &&
		rte_eth_dev_rx_intr_ctl_q_get_fd(device->ports[0], 0) < 0)
		return error_set_usage(
			error, "its driver has no receive interrupts: use --idle=sleep");
	return 0;
}

static void close_ports(struct device *device)
{
	for (unsigned int i = 0; i < device->port_count; i++) {
		for (size_t j = 0; j < RTE_DIM(events); j++)
			rte_eth_dev_callback_unregister(
				device->ports[i], events[j], note_event, device);
		rte_eth_dev_stop(device->ports[i]);
		rte_eth_dev_close(device->ports[i]);
	}
	device->port_count = 0;
}

/* Makes or finds each port, and one pool for all of them. */
static int make_ports(struct device *device, unsigned int index, struct error *error)
{
	const unsigned int count = device->is_split ? device->queue_count : 1;
	char name[RTE_DEV_NAME_MAX_LEN];
	int result = 0;

	for (unsigned int i = 0; i < count && result == 0; i++) {
		result = probe(device, index, i, name, sizeof(name), error);
		if (result == 0)
			result = find_port(device, name, error);
		if (result == 0 && i == 0) {
			if (!device->is_split)
				device->queue_count = port_count_queues(
					device, device->ports[0], device->queue_count);
			result = make_pool(device, error);
		}
		if (result == 0)
			result = port_configure(device, device->ports[i], error);
	}
	return result;
}

static int start(struct device *device, struct error *error)
{
	int result;

	for (unsigned int i = 0; i < device->port_count; i++) {
		result = rte_eth_dev_start(device->ports[i]);
		if (result < 0)
			return error_set(error, -result, "DPDK cannot start the device: %s",
				hush_why(rte_strerror(-result)));
		for (size_t j = 0; j < RTE_DIM(events); j++)
			rte_eth_dev_callback_register(
				device->ports[i], events[j], note_event, device);
		result = port_admit_vlans(device->ports[i], error);
		if (result == 0)
			result = packet_sockets_keep_tags(device->ports[i], error);
		if (result < 0)
			return result;
	}
	result = check_interrupts(device, error);
	if (result == 0)
		result = settle_mac(device, error);
	if (result == 0 && device->replay != NULL)
		result = replay_attach(device->replay, device->ports[0], device->pool, error);
	return result;
}

/*
 * Finds the interface whose changes we follow: the one that the device is on, or the one with which
 * a bifurcated driver shares the NIC.
 */
static void find_interface(struct device *device)
{
	const struct device_kind *kind = device->config->kind;
	struct rte_eth_dev_info info;
	struct link link;

	if (kind->is_gone != NULL)
		device->interface = interface_index(device->name);
	else if (rte_eth_dev_info_get(device->ports[0], &info) == 0)
		device->interface = info.if_index;
	if (device->interface == 0 || link_get(device->interface, &link) < 0)
		return;
	if (kind->is_gone == NULL) {
		snprintf(device->name, sizeof(device->name), "%s", link.name);
		device->follows_mac = link.has_mac && mac_equal(&link.mac, &device->mac);
	}
	if (device->link_mtu == 0)
		device->link_mtu = link.mtu;
}

int device_open(
	struct device *device, unsigned int index, unsigned int workers, struct error *error)
{
	int result;

	hush_mark();
	device->queue_count = device_count_queues(device->config, workers, &device->is_split);
	result = make_ports(device, index, error);
	device->pair_count = device->queue_count;
	if (device->config->kind->count_pairs != NULL)
		device->pair_count =
			RTE_MIN(device->config->kind->count_pairs(device), device->queue_count);
	if (result == 0)
		result = start(device, error);
	if (result == 0) {
		find_interface(device);
		device->loss = loss_open(device);
		device->ring_mbufs = rte_mempool_in_use_count(device->pool);
		/* The workers can't use the mbufs in the cache of this thread. */
		rte_mempool_cache_flush(
			rte_mempool_default_cache(device->pool, rte_lcore_id()), device->pool);
		return 0;
	}
	obstacle_explain(device, error);
	close_ports(device);
	rte_mempool_free(device->pool);
	error_prefix(error, "device %s", device->config->text);
	return result;
}

/*
 * net_af_xdp gives transmitted mbufs back only when it transmits again: an empty burst makes it do
 * so. It never gives back those in its fill ring, whose number we know.
 */
static void collect_transmitted(const struct device *device)
{
	for (int i = 0; i < 100; i++) {
		for (unsigned int j = 0; j < device->queue_count; j++) {
			uint16_t queue;
			const uint16_t port = device_port(device, j, &queue);

			rte_eth_tx_burst(port, queue, NULL, 0);
		}
		if (rte_mempool_in_use_count(device->pool) <= device->ring_mbufs)
			return;
		rte_delay_us_sleep(1000);
	}
}

int device_close(struct device *device, struct error *error)
{
	struct rte_eth_stats last;
	unsigned int missing;
	int result;

	if (device->config->kind->keeps_rings)
		collect_transmitted(device);
	device_stats(device, &last);
	loss_close(device->loss);
	device->loss = NULL;
	close_ports(device);
	device->stats = last;
	result = replay_close(device->replay, error);
	device->replay = NULL;
	/* Drivers give back the mbufs of their rings when they close. */
	missing = rte_mempool_in_use_count(device->pool);
	if (device->config->kind->keeps_rings)
		missing -= RTE_MIN(missing, device->ring_mbufs);
	if (result == 0 && missing > 0)
		result = error_set(
			error, EIO, "the driver did not give back %u packet buffers", missing);
	if (rte_mempool_full(device->pool)) /* otherwise a driver may still write to some */
		rte_mempool_free(device->pool);
	if (result < 0)
		error_prefix(error, "device %s", device->config->text);
	return result;
}
