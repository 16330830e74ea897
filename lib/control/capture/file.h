/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts and stops captures of a running appliance to pcapng files. One capture runs at a time. */
#ifndef UDPECHO_CAPTURE_FILE_H
#define UDPECHO_CAPTURE_FILE_H

#include "capture/captures.h"
#include "capture/request.h"

/* How far a capture is, or how it ended. */
struct capture_state {
	const char *state; /* "none", "running", "done", or "failed" */
	char path[PATH_MAX];
	uint64_t packets, bytes; /* written to the file */
	uint64_t missed;         /* frames that the request asks for, but no buffer was free */
	char why[256];           /* why the capture ended, or failed */
};

/**
 * Starts the capture that REQUEST asks for: a thread writes the frames that the workers copy, until
 * the capture reaches a limit of REQUEST or somebody calls capture_file_stop(). The file must not
 * exist. Returns 0, or -errno.
 */
int capture_file_start(
	struct captures *captures, const struct capture_request *request, struct error *error);

/** Ends the capture, if one runs, and waits until its file is complete. */
void capture_file_stop(struct captures *captures);

/** Fills STATE with the state of the last capture. */
void capture_file_state(const struct captures *captures, struct capture_state *state);

/** Ends the capture, and frees it. The appliance calls this before it stops the workers. */
void capture_file_end(struct captures *captures);

/** Frees the captures that ended while a worker was stalled. All workers must have stopped. */
void capture_file_release(struct captures *captures);

#endif
