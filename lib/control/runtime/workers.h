/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the workers, and gives each the queues that it polls. */
#ifndef UDPECHO_WORKERS_H
#define UDPECHO_WORKERS_H

#include "runtime/runtime.h"

/**
 * Makes a worker for each core, and distributes the queues of the open devices to them. They go by
 * the policies of RUNTIME. Returns 0, or -errno; the caller frees what was made until then.
 */
int workers_make(struct runtime *runtime, struct error *error);

/** Gives the mbufs of the queues back to their pools. Call it before the devices close. */
void workers_free_queues(struct runtime *runtime);

/** Frees the workers with their counters. */
void workers_free(struct runtime *runtime);

/** Returns queue number INDEX of all queues that the workers poll, or NULL if there are fewer. */
struct worker_queue *workers_queue(const struct runtime *runtime, unsigned int index);

/**
 * Waits until each worker has finished its burst, so that none uses what it could find before.
 * Returns false if one of them is stalled.
 */
bool workers_wait(const struct runtime *runtime);

/**
 * Gives SET to the workers, for their next bursts, and frees the older sets. Returns false if a
 * worker is stalled: then the older sets stay.
 */
bool workers_go_by(struct runtime *runtime, struct policy_set *set);

/** Returns for how long WORKER was busy with frames, in seconds. */
double worker_busy_s(const struct worker *worker);

#endif
