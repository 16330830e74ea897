/* SPDX-License-Identifier: BSD-3-Clause */
/* What a worker does when nothing comes. */
#ifndef DATAPATH_IDLER_H
#define DATAPATH_IDLER_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/datapath/worker.h>

struct idler {
	unsigned int empty_rounds; /* in a row */
	long sleep_ns;             /* the next one */
	bool is_armed;             /* interrupts are on */
	bool has_power_pause;      /* of the CPU: asking it takes thousands of cycles */
};

/** Prepares the calling thread, which is WORKER's. */
void idle_begin(struct idler *idler, struct worker *worker);

/** Something came since the last idle_wait(). */
void idle_reset(struct idler *idler, struct worker *worker);

/**
 * Nothing came in a round of polls: waits as the worker's way of idling has it, once that has
 * lasted a while. Not for longer than some milliseconds, so that the worker can be stopped.
 */
void idle_wait(struct idler *idler, struct worker *worker);

/** Undoes idle_begin(). */
void idle_end(struct worker *worker);

#endif
