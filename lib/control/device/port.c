/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "device/hush.h"
#include "device/port.h"

#define DESCRIPTORS 1024
#define VLANS       4096

static bool is_virtio(const struct rte_eth_dev_info *info)
{
	return strncmp(info->driver_name, "net_virtio", strlen("net_virtio")) == 0;
}

/*
 * Distributes flows to the queues (RSS). Fragments go by their addresses, because not all of them
 * have the ports. A virtio device distributes by itself: it sees on which queue a flow is answered
 * (Virtio 1.1, 5.1.6.5.5). Returns false if the NIC can't, and would use only its first queue.
 */
static bool spread(const struct rte_eth_dev_info *info, struct rte_eth_conf *conf)
{
	const uint64_t wanted =
		RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP;

	conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & wanted;
	if (conf->rx_adv_conf.rss_conf.rss_hf != 0)
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	return conf->rx_adv_conf.rss_conf.rss_hf != 0 || is_virtio(info);
}

/*
 * Virtio 1.1, 5.1.6.5.3: a device that can filter VLANs drops them all until the driver admits
 * them, and the driver always switches the filter on.
 */
static bool shuts_out_vlans(const struct rte_eth_dev_info *info)
{
	return is_virtio(info) && info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
}

static int set_up_queues(const struct device *device, uint16_t port, unsigned int count)
{
	const unsigned int socket = (unsigned int)rte_eth_dev_socket_id(port);
	uint16_t rx = DESCRIPTORS, tx = DESCRIPTORS;
	int result = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx, &tx);

	for (uint16_t i = 0; i < count && result == 0; i++) {
		result = rte_eth_rx_queue_setup(port, i, rx, socket, NULL, device->pool);
		if (result == 0)
			result = rte_eth_tx_queue_setup(port, i, tx, socket, NULL);
	}
	return result;
}

unsigned int port_count_queues(const struct device *device, uint16_t port, unsigned int wanted)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf ignored = {0};
	unsigned int count;

	if (rte_eth_dev_info_get(port, &info) != 0)
		return wanted;
	count = RTE_MIN(wanted, (unsigned int)RTE_MIN(info.max_rx_queues, info.max_tx_queues));
	if (count > 1 && device->config->kind->pci && !spread(&info, &ignored))
		count = 1;
	return count;
}

int port_configure(struct device *device, uint16_t port, struct error *error)
{
	const unsigned int count = device->is_split ? 1 : device->queue_count;
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	int result;

	result = rte_eth_dev_info_get(port, &info);
	if (result == 0) {
		/* DPDK refuses what the device does not offer. */
		conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
		if (shuts_out_vlans(&info))
			conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
		conf.rxmode.mtu = device->config->mtu;
		conf.intr_conf.rxq = device->idle == IDLE_INTERRUPT;
		/* Without it mlx5, bnxt and others do not say when the NIC is gone. */
		conf.intr_conf.rmv = (*info.dev_flags & RTE_ETH_DEV_INTR_RMV) != 0;
		if (count > 1 && device->config->kind->pci)
			spread(&info, &conf);
		result = rte_eth_dev_configure(port, (uint16_t)count, (uint16_t)count, &conf);
	}
	if (result == 0)
		result = set_up_queues(device, port, count);
	if (result < 0)
		return error_set(error, -result, "DPDK cannot configure the device: %s",
			hush_why(rte_strerror(-result)));
	return 0;
}

int port_admit_vlans(uint16_t port, struct error *error)
{
	struct rte_eth_dev_info info;
	int result = rte_eth_dev_info_get(port, &info);

	if (result == 0 && !shuts_out_vlans(&info))
		return 0;
	for (uint16_t vlan = 0; vlan < VLANS && result == 0; vlan++)
		result = rte_eth_dev_vlan_filter(port, vlan, true);
	return result == 0 ? 0
			   : error_set(error, -result, "the device cannot receive VLANs: %s",
				     hush_why(rte_strerror(-result)));
}
