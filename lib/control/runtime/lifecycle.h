/* SPDX-License-Identifier: BSD-3-Clause */
/* How a runtime begins and ends. Its owner calls these functions in this order. */
#ifndef UDPECHO_LIFECYCLE_H
#define UDPECHO_LIFECYCLE_H

#include <udpecho/control/pulse.h>

#include "runtime/runtime.h"

/**
 * Picks the cores, and sets the limits of the process to what CONFIG wants. EXPLAIN may be NULL. 0,
 * or -errno.
 */
int runtime_prepare(struct runtime *runtime, const struct config *config, struct explain *explain,
	struct error *error);

/**
 * Starts DPDK, opens the devices, and makes the policies and the workers. PULSE is called now and
 * then, as it may take seconds. On an error all that was done is undone, and -errno returned.
 */
int runtime_open(struct runtime *runtime, const struct pulse *pulse, struct error *error);

/** Sets the workers going. */
void runtime_launch(struct runtime *runtime);

/**
 * Stops the workers, which finish what they hold. -ETIMEDOUT: one hangs in its driver, so that
 * nothing can be closed or freed.
 */
int runtime_stop(struct runtime *runtime, struct error *error);

/**
 * Closes the devices, once the workers have stopped or were never set going. The counters stay. 0,
 * or -errno of the first thing that went wrong; everything is closed all the same.
 */
int runtime_close(struct runtime *runtime, struct error *error);

/** Frees what is left, and DPDK's memory with it; nothing, where a worker did not stop. */
void runtime_release(struct runtime *runtime);

#endif
