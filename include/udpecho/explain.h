/* SPDX-License-Identifier: BSD-3-Clause */
/* --explain: one line on standard output for each frame of a capture. */
#ifndef UDPECHO_EXPLAIN_H
#define UDPECHO_EXPLAIN_H

#include <udpecho/worker.h>

struct explain {
	struct burst_observer observer;
	uint64_t number; /* of the last frame, from 1 */
};

/** An observer that prints `NUMBER VERDICT-NAME explanation`. */
void explain_init(struct explain *explain);

#endif
