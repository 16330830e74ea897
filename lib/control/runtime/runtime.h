/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The runtime has the devices, the workers that poll them, and the policies of the workers. It
 * knows nobody who watches it or reads it. A process has one, as it has one EAL.
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
	const struct config *config; /* of the start */
	cpu_set_t cores;             /* which poll, a worker each */
	const struct variant *variant;
	struct explain *explain;   /* the workers show it each frame; NULL: --explain is off */
	unsigned int device_count; /* devices after device_init() */
	unsigned int open_count;   /* the first of these, which are open */
	struct device devices[CONFIG_DEVICES_MAX];
	unsigned int worker_count;
	struct worker *workers[CORES_MAX];
	struct rte_rcu_qsbr *quiescence; /* tells when each worker was between two bursts */
	struct policy_set *policies;     /* which the workers go by */
	struct policy_set *oldest;       /* policies that a stalled worker may still go by */
	struct clock_point started;      /* by CLOCK_MONOTONIC */
	double stopped;                  /* by the same, in seconds; 0: it runs */
	bool is_held;                    /* a worker did not stop, and may still use anything */
};

/** Returns whether every device replays a capture, so that the run ends by itself. */
bool runtime_is_offline(const struct runtime *runtime);

/** Returns for how long it has run, or ran, in seconds. */
double runtime_uptime(const struct runtime *runtime);

/** Returns the sums of the counters of all queues of device number INDEX. */
struct counters runtime_count(const struct runtime *runtime, unsigned int index);

/** Returns the sums of the counters of all queues. */
struct counters runtime_count_all(const struct runtime *runtime);

/** Returns the first device that was lost, or NULL. */
const struct device *runtime_lost_device(const struct runtime *runtime);

#endif
