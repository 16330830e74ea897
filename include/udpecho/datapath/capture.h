/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copies of frames for somebody who wants to see them, with the verdict that they got, on their way
 * from the workers to a file. Workers copy into buffers of the capture's own: when it has none
 * left, the frame is counted as missed, and its echo is sent as ever.
 */
#ifndef UDPECHO_CAPTURE_H
#define UDPECHO_CAPTURE_H

#include <rte_bpf.h>
#include <rte_ring.h>

#include <udpecho/datapath/worker.h>

/* Which frames, and where their copies go. Not written while workers have it. */
struct capture {
	verdict_set verdicts;
	bool received;          /* as they came */
	bool sent;              /* the replies */
	struct rte_bpf *filter; /* NULL: all of them */
	uint32_t snaplen;       /* bytes of each frame at most */
	struct rte_mempool *pool;
	struct rte_ring *ring; /* of copies, each with a struct capture_note */
};

/* What goes with a copy, in the private area of its mbuf. */
struct capture_note {
	uint64_t when;   /* ticks of the TSC */
	uint32_t length; /* bytes of the whole frame */
	enum verdict verdict;
	bool is_sent;
	struct capture_tap *tap; /* where it was taken */
};

/* What looks at one queue. */
struct capture_tap {
	struct burst_observer observer;
	const struct capture *capture;
	uint16_t port;
	uint16_t queue;
	uint64_t missed;                       /* frames that there was no buffer for */
	struct rte_mbuf *requests[BURST_SIZE]; /* as they came; NULL: not wanted, */
	bool no_room[BURST_SIZE];              /* or no buffer for it */
} __rte_cache_aligned;

/** A tap whose observer is for QUEUE, to be set with worker_set_observer(). */
void capture_tap_init(
	struct capture_tap *tap, const struct capture *capture, const struct worker_queue *queue);

/** The note of a copy. */
static inline struct capture_note *capture_note(struct rte_mbuf *copy)
{
	return rte_mbuf_to_priv(copy);
}

#endif
