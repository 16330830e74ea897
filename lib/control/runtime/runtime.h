/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What runs: devices, the workers that poll them, and the policies that these go by. It knows
 * nobody who watches it or reads it. There is one in a process, as there is one EAL.
 */
#ifndef UDPECHO_RUNTIME_H
#define UDPECHO_RUNTIME_H

#include <udpecho/control/clock.h>
#include <udpecho/control/config.h>
#include <udpecho/control/device.h>
#include <udpecho/control/error.h>
#include <udpecho/control/explain.h>
#include <udpecho/datapath/worker.h>

#include "cores.h"

struct policy_set;

struct runtime {
	const struct config *config; /* that it was started with */
	cpu_set_t cores;             /* that poll */
	const struct variant *variant;
	struct explain *explain;   /* that is shown each frame; NULL: none is */
	unsigned int device_count; /* since device_init() */
	unsigned int open_count;   /* of these, from device_open() to device_close() */
	struct device devices[CONFIG_DEVICES_MAX];
	unsigned int worker_count;
	struct worker *workers[CORES_MAX];
	struct rte_rcu_qsbr *quiescence; /* of the workers */
	struct policy_set *policies;     /* that the workers go by */
	struct policy_set *oldest;       /* policies, that one that is stalled may yet go by */
	struct clock_point started;      /* by the monotonic clock */
	double stopped;                  /* by it, in seconds; 0: it runs */
	bool is_held;                    /* a worker did not stop, and may yet use anything */
};

/** Whether all of it ends by itself: every device replays a capture. */
bool runtime_is_offline(const struct runtime *runtime);

/** For how long it has run, or did, in seconds. */
double runtime_uptime(const struct runtime *runtime);

/** The sum of the counters of all queues of device number INDEX. */
struct counters runtime_count(const struct runtime *runtime, unsigned int index);

/** The sum of the counters of all queues there are. */
struct counters runtime_count_all(const struct runtime *runtime);

/** The first device that was lost; NULL: none was. */
const struct device *runtime_lost_device(const struct runtime *runtime);

#endif
