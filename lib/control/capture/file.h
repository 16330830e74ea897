/* SPDX-License-Identifier: BSD-3-Clause */
/* Captures of a running appliance, one at a time, to a pcapng file. */
#ifndef UDPECHO_CAPTURE_FILE_H
#define UDPECHO_CAPTURE_FILE_H

#include <udpecho/control/appliance.h>

#include "capture/wish.h"

/* What became of a capture. */
struct capture_state {
	const char *state; /* "none", "running", "done", or "failed" */
	char path[PATH_MAX];
	uint64_t packets, bytes; /* written */
	uint64_t missed;         /* frames that were wanted, and that there was no buffer for */
	char why[256];           /* it ended, or failed */
};

/**
 * Begins what WISH says: a thread writes what the workers copy, until a limit is reached or
 * capture_file_stop() is called. The file must not exist. 0, or -errno.
 */
int capture_file_start(
	struct appliance *appliance, const struct capture_wish *wish, struct error *error);

/** Ends the capture, if there is one, and waits until its file is whole. */
void capture_file_stop(struct appliance *appliance);

/** What became of the last capture. */
void capture_file_state(const struct appliance *appliance, struct capture_state *state);

/** capture_file_stop(), and forgets it: before the workers stop. */
void capture_file_end(struct appliance *appliance);

/** Frees what was kept for a worker that stood still when its capture ended: once all have stopped.
 */
void capture_file_release(struct appliance *appliance);

#endif
