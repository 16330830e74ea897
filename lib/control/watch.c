/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "watch.h"

#define DEFEND_INTERVAL 10 /* seconds: RFC 5227 1.1 */

/* One of the queues of the device, to announce on. */
static struct worker_queue *queue_of(struct appliance *appliance, const struct device *device)
{
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++)
			if (appliance->workers[i]->queues[j].port == device->port)
				return &appliance->workers[i]->queues[j];
	return NULL;
}

static void watch_device(struct watch *watch, unsigned int index, const struct device *device,
	struct worker_queue *queue, double now)
{
	struct rte_eth_link link = {0};
	uint64_t conflicts;

	rte_eth_link_get_nowait(device->port, &link);
	if (link.link_status == RTE_ETH_LINK_UP && !watch->devices[index].link_up)
		worker_announce(queue);
	watch->devices[index].link_up = link.link_status == RTE_ETH_LINK_UP;

	conflicts = __atomic_load_n(&queue->counters.arp_conflicts, __ATOMIC_RELAXED);
	if (conflicts == watch->devices[index].conflicts ||
		(watch->devices[index].defended > 0 &&
			now - watch->devices[index].defended < DEFEND_INTERVAL))
		return;
	fprintf(stderr,
		"udpechod: device %s: another station uses an address of ours: %" PRIu64
		" ARP packets so far (arp_conflicts)\n",
		device->config->text, conflicts);
	watch->devices[index].conflicts = conflicts;
	watch->devices[index].defended = now;
	worker_announce(queue);
}

void watch_devices(struct watch *watch, struct appliance *appliance, double now)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		const struct device *device = &appliance->devices[i];

		if (device->replay == NULL)
			watch_device(watch, i, device, queue_of(appliance, device), now);
	}
}
