/* SPDX-License-Identifier: BSD-3-Clause */
/* The idler lets a worker rest while its queues are empty: see idle.h. */
#ifndef DATAPATH_IDLER_H
#define DATAPATH_IDLER_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/datapath/worker.h>

struct idler {
	unsigned int empty_rounds; /* in a row */
	long sleep_ns;             /* how long the next sleep is */
	bool is_armed;             /* interrupts are on */
	bool has_power_pause;      /* the CPU has it; to ask takes thousands of cycles */
};

/** Prepares IDLER and the calling thread, which must be the thread of WORKER. */
void idle_begin(struct idler *idler, struct worker *worker);

/** Tells IDLER that frames came since the last idle_wait(). */
void idle_reset(struct idler *idler, struct worker *worker);

/**
 * Tells IDLER that a round of polls was empty. After many of them in a row, it waits in the way
 * that WORKER is set to, for some milliseconds at most, so that the worker can be stopped.
 */
void idle_wait(struct idler *idler, struct worker *worker);

/** Undoes idle_begin(). */
void idle_end(struct worker *worker);

#endif
