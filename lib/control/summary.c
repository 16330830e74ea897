/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include <rte_version.h>

#include <udpecho/control/log.h>

#include "cores.h"
#include "format.h"
#include "runtime/policy_set.h"
#include "summary.h"
#include "watch/changes.h"

static void warn_of_distance(const struct runtime *runtime, unsigned int index)
{
	const struct device *device = &runtime->devices[index];
	const int node = device_node(device);

	for (unsigned int i = 0; i < runtime->worker_count && node >= 0; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++) {
			const int core = cores_nth(&runtime->cores, i);

			if (runtime->workers[i]->queues[j].device == index &&
				cores_node(core) != node)
				log_say(RTE_LOG_WARNING,
					"device %s: it is on NUMA node %d, but core %d, which "
					"polls it, is not, and is slower: choose cores with "
					"--cores",
					device->config->text, node, core);
		}
}

static void log_device(const struct runtime *runtime, unsigned int index)
{
	const struct device *device = &runtime->devices[index];
	const struct identity *identity = &runtime->policies->policies[index].identity;
	struct rte_eth_dev_info info = {0};
	char addresses[512] = "";

	if (rte_eth_dev_info_get(device->ports[0], &info) != 0)
		info.driver_name = NULL;
	for (unsigned int i = 0; i < identity->address_count; i++) {
		const size_t length = strlen(addresses);

		snprintf(addresses + length, sizeof(addresses) - length, " %s",
			format_address(identity->addresses[i]).text);
	}
	log_say(RTE_LOG_NOTICE, "device %s: mac %s, addresses%s, MTU %u, %s, %u queue%s",
		device->config->text, format_mac(&identity->mac).text, addresses, device->mtu,
		info.driver_name != NULL ? info.driver_name : "no driver", device->queue_count,
		device->queue_count == 1 ? "" : "s");
	if (device->pair_count < device->queue_count)
		log_say(RTE_LOG_NOTICE,
			"device %s: the interface transmits on %u of its %u queues: they "
			"send the replies of all queues (`ethtool -L` changes their number)",
			device->config->text, device->pair_count, device->queue_count);
	warn_of_distance(runtime, index);
}

void summary_log(const struct runtime *runtime, struct watch *watch)
{
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		log_device(runtime, i);
		changes_expect_superframes(watch, i);
	}
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		log_say(RTE_LOG_NOTICE, "worker on core %d: polls %u queue%s, idle: %s",
			cores_nth(&runtime->cores, i), runtime->workers[i]->queue_count,
			runtime->workers[i]->queue_count == 1 ? "" : "s",
			idle_names[runtime->workers[i]->idle]);
	log_say(RTE_LOG_NOTICE, "version %s on %s, variant %s: running", UDPECHO_VERSION,
		rte_version(), runtime->variant->name);
}
