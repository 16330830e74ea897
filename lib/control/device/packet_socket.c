/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <rte_ethdev.h>

#include <udpecho/datapath/worker.h>

#include "device/packet_socket.h"

#define RING_FRAMES 4096 /* the most of a queue */
#define BURST       32

static bool is_on(int descriptor, unsigned int interface)
{
	struct sockaddr_ll address = {0};
	socklen_t length = sizeof(address);

	return getsockname(descriptor, (struct sockaddr *)&address, &length) == 0 &&
	       address.sll_family == AF_PACKET && (unsigned int)address.sll_ifindex == interface;
}

unsigned int packet_sockets_find(unsigned int interface, int sockets[], unsigned int max)
{
	DIR *descriptors = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned int count = 0;

	if (descriptors == NULL)
		return 0;
	while ((entry = readdir(descriptors)) != NULL && count < max)
		if (entry->d_name[0] != '.' && is_on(atoi(entry->d_name), interface))
			sockets[count++] = atoi(entry->d_name);
	closedir(descriptors);
	return count;
}

/* Cuts after the MAC addresses. With less the driver could not insert a tag, and would log that. */
static int cut_other_tags(int descriptor)
{
	static struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_VLAN_TPID),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 2 * ETH_ALEN),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog filter = {sizeof(steps) / sizeof(steps[0]), steps};

	return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0
		       ? -errno
		       : 0;
}

/* Discards what can have arrived before the filter, and no more: a flood goes on. */
static void throw_away(uint16_t port, uint16_t queue)
{
	struct rte_mbuf *frames[BURST];
	unsigned int total = 0;
	uint16_t count;

	do {
		count = rte_eth_rx_burst(port, queue, frames, BURST);
		rte_pktmbuf_free_bulk(frames, count);
		total += count;
	} while (count > 0 && total < RING_FRAMES);
}

int packet_sockets_keep_tags(uint16_t port, struct error *error)
{
	int sockets[WORKER_QUEUES_MAX], result = 0;
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(port, &info) < 0 || info.driver_name == NULL ||
		strcmp(info.driver_name, "net_af_packet") != 0)
		return 0;
	/* Each queue has one. */
	if (packet_sockets_find(info.if_index, sockets, info.nb_rx_queues) < info.nb_rx_queues)
		return error_set(error, ENOENT, "cannot find the packet sockets of the driver");
	for (uint16_t i = 0; i < info.nb_rx_queues && result == 0; i++) {
		result = cut_other_tags(sockets[i]);
		throw_away(port, i);
	}
	return result < 0 ? error_set(error, -result,
				    "cannot make the kernel tell VLAN tags apart: %s",
				    strerror(-result))
			  : 0;
}
