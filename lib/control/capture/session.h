/* SPDX-License-Identifier: BSD-3-Clause */
/* One capture, from its memory to its last block. Only the files of capture/ include this. */
#ifndef UDPECHO_CAPTURE_SESSION_H
#define UDPECHO_CAPTURE_SESSION_H

#include <pthread.h>

#include <udpecho/datapath/capture.h>

#include "capture/captures.h"
#include "capture/pcapng_write.h"
#include "capture/request.h"

#define CAPTURE_PAUSE_US 1000

/* What of a tap is in the file. */
struct capture_account {
	uint32_t interface; /* its number in the file: a port is one, however many queues it has */
	uint64_t frames;
};

struct capture_session {
	struct captures *captures;
	const struct runtime *runtime;
	struct capture_request request;
	struct capture capture;
	int file;                  /* its descriptor */
	struct pcapng_block block; /* that is being written */
	unsigned int tap_count;
	struct capture_tap *taps;
	struct capture_account *accounts; /* of each tap */
	pthread_t thread;
	bool stop;                    /* set by another thread */
	bool is_over;                 /* the file is complete, or writing it failed */
	bool has_failed;              /* WHY has the error */
	bool is_held;                 /* a stalled worker may still use the taps */
	struct capture_session *next; /* the next held session */
	uint64_t packets, bytes;
	double hz; /* of the TSC */
	char why[256];
};

/**
 * Makes what REQUEST needs: memory, a tap for each queue, the file. Returns 0, or -errno; then it
 * has freed everything.
 */
int capture_session_make(struct captures *captures, const struct capture_request *request,
	struct capture_session **session, struct error *error);

/** Frees SESSION, or keeps it in captures->held if a stalled worker may still use its taps. */
void capture_session_free(struct capture_session *session);

/** Connects the session's taps to the workers' queues if WANTED, and disconnects them if not. */
void capture_session_observe(struct capture_session *session, bool wanted);

/** Writes the file until the capture ends. A thread runs this; it returns NULL. */
void *capture_session_write(void *session);

#endif
