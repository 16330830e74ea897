/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/runtime.h"
#include "runtime/workers.h"

bool runtime_is_offline(const struct runtime *runtime)
{
	for (unsigned int i = 0; i < runtime->device_count; i++)
		if (runtime->devices[i].replay == NULL)
			return false;
	return true;
}

double runtime_uptime(const struct runtime *runtime)
{
	return (runtime->stopped != 0 ? runtime->stopped : clock_now()) -
	       (double)runtime->started.ns / 1e9;
}

const struct device *runtime_lost_device(const struct runtime *runtime)
{
	for (unsigned int i = 0; i < runtime->device_count; i++)
		if (runtime->devices[i].is_lost)
			return &runtime->devices[i];
	return NULL;
}

struct counters runtime_count(const struct runtime *runtime, unsigned int index)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(runtime, i)) != NULL; i++)
		if (queue->device == index)
			counters_collect(&sum, &queue->counters);
	return sum;
}

struct counters runtime_count_all(const struct runtime *runtime)
{
	struct counters sum = {0};
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(runtime, i)) != NULL; i++)
		counters_collect(&sum, &queue->counters);
	return sum;
}
