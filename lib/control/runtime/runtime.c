/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/runtime.h"

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

/* Adds up the counters of device number INDEX, or of all devices if it is negative. */
static struct counters count(const struct runtime *runtime, int index)
{
	struct counters sum = {0};

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++) {
			const struct worker_queue *queue = &runtime->workers[i]->queues[j];

			if (index < 0 || queue->device == index)
				counters_collect(&sum, &queue->counters);
		}
	return sum;
}

struct counters runtime_count(const struct runtime *runtime, unsigned int index)
{
	return count(runtime, (int)index);
}

struct counters runtime_count_all(const struct runtime *runtime)
{
	return count(runtime, -1);
}
