/* SPDX-License-Identifier: BSD-3-Clause */
/* One capture, from its memory to its last block: the inside of capture/file.h. */
#ifndef UDPECHO_CAPTURE_SESSION_H
#define UDPECHO_CAPTURE_SESSION_H

#include <pthread.h>

#include <rte_pcapng.h>

#include <udpecho/control/appliance.h>
#include <udpecho/datapath/capture.h>

#include "capture/wish.h"

#define CAPTURE_PAUSE_US 1000

struct capture_session {
	struct appliance *appliance;
	struct capture_wish wish;
	struct capture capture;
	struct rte_mempool *blocks; /* of pcapng blocks, on their way to the file */
	rte_pcapng_t *file;
	unsigned int tap_count;
	struct capture_tap *taps;
	uint64_t *written; /* of each tap */
	pthread_t thread;
	bool stop;                    /* set by another thread */
	bool is_over;                 /* the file is whole, or failed */
	bool has_failed;              /* why says it */
	bool is_held;                 /* a worker that stands still may yet use the taps */
	struct capture_session *next; /* of those that are held */
	uint64_t packets, bytes;
	double hz; /* of the TSC */
	char why[256];
};

/** Makes what WISH wants: memory, a tap for each queue, the file. On -errno nothing is left. */
int capture_session_make(struct appliance *appliance, const struct capture_wish *wish,
	struct capture_session **session, struct error *error);

/** Frees it, or keeps it in captures_held where a worker that stands still may yet use its taps. */
void capture_session_free(struct capture_session *session);

/** Has each worker show its bursts to the session's taps, or to nobody. */
void capture_session_observe(struct capture_session *session, bool wanted);

/** The body of the thread that writes the file: takes the session, and returns NULL. */
void *capture_session_write(void *session);

#endif
