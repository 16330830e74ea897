/* SPDX-License-Identifier: BSD-3-Clause */
/* The workers, and which queues each of them polls. */
#ifndef UDPECHO_WORKERS_H
#define UDPECHO_WORKERS_H

#include "runtime/runtime.h"

/**
 * Makes a worker for each core, and spreads the queues of the open devices over them, which then go
 * by the runtime's policies. 0, or -errno; what was made until then is there to be freed.
 */
int workers_make(struct runtime *runtime, struct error *error);

/** Gives back what the queues hold of the devices' pools: before the devices close. */
void workers_free_queues(struct runtime *runtime);

/** Frees the workers, and their counters with them. */
void workers_free(struct runtime *runtime);

/** The queue number INDEX of all that the workers poll; NULL: there are no more. */
struct worker_queue *workers_queue(const struct runtime *runtime, unsigned int index);

/**
 * Waits until each worker has been between two bursts once, and so none uses any more what was
 * taken from it before. False: one of them is stalled.
 */
bool workers_wait(const struct runtime *runtime);

/**
 * Has the workers go by SET from their next bursts on, and frees what they went by before. False:
 * one of them is stalled, so that this is kept.
 */
bool workers_go_by(struct runtime *runtime, struct policy_set *set);

/** For how long WORKER was busy with frames, in seconds. */
double worker_busy_s(const struct worker *worker);

#endif
