/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is to say of an appliance, for reports and monitors. */
#include <udpecho/control/appliance.h>

#include "workers.h"

double appliance_uptime(const struct appliance *appliance)
{
	return (appliance->stopped != 0 ? appliance->stopped : clock_now()) -
	       (double)appliance->started.ns / 1e9;
}

const struct device *appliance_lost_device(const struct appliance *appliance)
{
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (appliance->devices[i].is_lost)
			return &appliance->devices[i];
	return NULL;
}

struct counters appliance_count(const struct appliance *appliance, unsigned int index)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(appliance, i)) != NULL; i++)
		if (queue->device == index)
			counters_collect(&sum, &queue->counters);
	return sum;
}

struct counters appliance_count_all(const struct appliance *appliance)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(appliance, i)) != NULL; i++)
		counters_collect(&sum, &queue->counters);
	return sum;
}
