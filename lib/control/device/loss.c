/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <rte_common.h>

#include "device/link.h"
#include "device/loss.h"
#include "device/packet_socket.h"

struct loss {
	const struct device *device;
	unsigned int interface;
	uint64_t interface_base, interface_lost; /* its counter at the start, and since then */
	uint64_t backlog_base, backlog_lost;
	uint64_t socket_lost;
	int sockets[WORKER_QUEUES_MAX]; /* of the driver */
	unsigned int socket_count;
	struct loss *next;
};

/* All open ones, because an AF_XDP socket does not say which interface it belongs to. */
static struct loss *all;

static bool is_af_xdp(const struct loss *loss)
{
	return strcmp(loss->device->config->kind->prefix, "af_xdp") == 0;
}

static bool is_taken(int descriptor)
{
	for (const struct loss *loss = all; loss != NULL; loss = loss->next)
		for (unsigned int i = 0; i < loss->socket_count; i++)
			if (loss->sockets[i] == descriptor)
				return true;
	return false;
}

/* Finds the AF_XDP sockets that belong to no other device. */
static void find_xdp_sockets(struct loss *loss)
{
	DIR *descriptors = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (descriptors == NULL)
		return;
	while ((entry = readdir(descriptors)) != NULL && loss->socket_count < WORKER_QUEUES_MAX) {
		const int descriptor = atoi(entry->d_name);
		int domain = 0;
		socklen_t size = sizeof(domain);

		if (entry->d_name[0] != '.' &&
			getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
			domain == AF_XDP && !is_taken(descriptor))
			loss->sockets[loss->socket_count++] = descriptor;
	}
	closedir(descriptors);
}

static void find_sockets(struct loss *loss)
{
	if (is_af_xdp(loss))
		find_xdp_sockets(loss);
	else
		loss->socket_count =
			packet_sockets_find(loss->interface, loss->sockets, WORKER_QUEUES_MAX);
}

/* Reads what the interface dropped. The kernel transmits the frames that udpechod gets from a TAP.
 */
static uint64_t read_interface(const struct loss *loss, uint64_t otherwise)
{
	struct link link;

	if (link_get(loss->interface, &link) < 0)
		return otherwise;
	return loss->device->config->kind->is_interface ? link.rx_dropped : link.tx_dropped;
}

/* Reads what the kernel dropped for lack of backlog, of all interfaces, before any socket. */
static uint64_t read_backlog(uint64_t otherwise)
{
	FILE *file = fopen("/proc/net/softnet_stat", "re");
	uint64_t sum = 0, dropped;

	if (file == NULL)
		return otherwise;
	while (fscanf(file, "%*x %" SCNx64 "%*[^\n]", &dropped) == 1) /* a line for each core */
		sum += dropped;
	fclose(file);
	return sum;
}

/* Reads how often the receive ring was full or no buffer was free. */
static uint64_t read_xdp(int descriptor)
{
	struct xdp_statistics statistics = {0};
	socklen_t size = sizeof(statistics);

	if (getsockopt(descriptor, SOL_XDP, XDP_STATISTICS, &statistics, &size) < 0)
		return 0;
	return statistics.rx_dropped + statistics.rx_ring_full;
}

/* Reads the drops since the last call: packet(7). */
static uint64_t read_packet(int descriptor)
{
	struct tpacket_stats statistics = {0};
	socklen_t size = sizeof(statistics);

	if (getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) < 0)
		return 0;
	return statistics.tp_drops;
}

/* libpcap reads the counters of its socket itself, and they include our replies by default. */
static bool is_libpcaps(const struct loss *loss)
{
	return strcmp(loss->device->config->kind->prefix, "pcap-live") == 0;
}

static void ignore_replies(const struct loss *loss)
{
	const int yes = 1;

	for (unsigned int i = 0; i < loss->socket_count; i++)
		setsockopt(loss->sockets[i], SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
}

static void count_sockets(struct loss *loss)
{
	uint64_t xdp = 0;

	for (unsigned int i = 0; i < loss->socket_count; i++)
		if (is_af_xdp(loss))
			xdp += read_xdp(loss->sockets[i]);
		else if (!is_libpcaps(loss))
			loss->socket_lost += read_packet(loss->sockets[i]);
	if (is_af_xdp(loss))
		loss->socket_lost = xdp;
}

struct loss *loss_open(const struct device *device)
{
	struct loss *loss;

	if (device->interface == 0 || device->config->kind->is_gone == NULL)
		return NULL;
	loss = calloc(1, sizeof(*loss));
	if (loss == NULL)
		return NULL;
	loss->device = device;
	loss->interface = device->interface;
	find_sockets(loss);
	if (is_libpcaps(loss))
		ignore_replies(loss);
	else
		count_sockets(loss); /* earlier drops do not count */
	loss->socket_lost = 0;
	loss->interface_base = read_interface(loss, 0);
	loss->backlog_base = read_backlog(0);
	loss->next = all;
	all = loss;
	return loss;
}

uint64_t loss_count(struct loss *loss, uint64_t driver)
{
	if (loss == NULL)
		return driver;
	count_sockets(loss);
	loss->interface_lost = read_interface(loss, loss->interface_base + loss->interface_lost) -
			       loss->interface_base;
	/* Some drivers also count what an AF_XDP socket drops, and DPDK's driver counts a part. */
	if (is_af_xdp(loss))
		return RTE_MAX(loss->socket_lost, loss->interface_lost);
	if (!loss->device->config->kind->is_interface)
		return driver + loss->interface_lost;
	/*
	 * The interface also counts frames that only packet sockets took, such as those with two
	 * tags. The backlog's count is an upper limit of the frames that were really lost.
	 */
	loss->backlog_lost =
		read_backlog(loss->backlog_base + loss->backlog_lost) - loss->backlog_base;
	return driver + loss->socket_lost + RTE_MIN(loss->interface_lost, loss->backlog_lost);
}

void loss_close(struct loss *loss)
{
	struct loss **link = &all;

	if (loss == NULL)
		return;
	while (*link != loss)
		link = &(*link)->next;
	*link = loss->next;
	free(loss);
}
