/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts and stops a runtime. Its owner calls these functions in this order. */
#ifndef UDPECHO_LIFECYCLE_H
#define UDPECHO_LIFECYCLE_H

#include <udpecho/control/pulse.h>

#include "runtime/runtime.h"

/**
 * Raises the limits of the process, and picks the cores for CONFIG. The workers show each frame to
 * EXPLAIN, which may be NULL. Returns 0, or -errno.
 */
int runtime_prepare(struct runtime *runtime, const struct config *config, struct explain *explain,
	struct error *error);

/**
 * Starts DPDK, opens the devices, and makes the policies and the workers. PULSE is called now and
 * then, as it may take seconds. Returns 0, or -errno after it has undone everything.
 */
int runtime_open(struct runtime *runtime, const struct pulse *pulse, struct error *error);

/** Starts the workers. */
void runtime_launch(struct runtime *runtime);

/**
 * Stops the workers, which finish their bursts. Returns 0, or -ETIMEDOUT if one hangs in its
 * driver: then nothing may be closed or freed.
 */
int runtime_stop(struct runtime *runtime, struct error *error);

/**
 * Closes the devices. The workers must have stopped, or never started. The counters stay. Returns
 * 0, or the first error as -errno after it has closed everything all the same.
 */
int runtime_close(struct runtime *runtime, struct error *error);

/** Frees the rest and stops DPDK, unless a worker did not stop. */
void runtime_release(struct runtime *runtime);

#endif
