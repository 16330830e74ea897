/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A capture copies frames on the workers, and hands the copies, with the verdicts of the frames, to
 * another thread that writes them to a file. The copies lie in buffers of the capture. If it has no
 * buffer left, the worker counts the frame as missed, and sends the reply as always.
 */
#ifndef UDPECHO_CAPTURE_H
#define UDPECHO_CAPTURE_H

#include <rte_bpf.h>
#include <rte_ring.h>

#include <udpecho/datapath/worker.h>

/* Says which frames to copy, and where to put the copies. Nobody writes it while workers use it. */
struct capture {
	verdict_set verdicts;
	bool received;          /* copy frames as they came */
	bool sent;              /* copy replies as they go */
	struct rte_bpf *filter; /* NULL: copy all frames */
	uint32_t snaplen;       /* copy at most so many bytes of a frame */
	struct rte_mempool *pool;
	struct rte_ring *ring; /* of copies, each with a struct capture_note */
};

/* What a copy has in the private area of its mbuf. */
struct capture_note {
	uint64_t when;   /* in ticks of the TSC */
	uint32_t length; /* bytes of the whole frame */
	enum verdict verdict;
	bool is_sent;
	struct capture_tap *tap; /* the tap that took it */
};

/* A tap copies the frames of one queue. */
struct capture_tap {
	struct burst_observer observer;
	const struct capture *capture;
	uint16_t port;
	uint16_t queue;
	uint64_t missed;                       /* how many frames there was no buffer for */
	struct rte_mbuf *requests[BURST_SIZE]; /* copies of received frames; NULL: none */
	bool no_room[BURST_SIZE];              /* there is none for lack of a buffer */
} __rte_cache_aligned;

/** Makes TAP one for QUEUE. The caller then gives its observer to worker_set_observer(). */
void capture_tap_init(
	struct capture_tap *tap, const struct capture *capture, const struct worker_queue *queue);

/** The note of COPY. */
static inline struct capture_note *capture_note(struct rte_mbuf *copy)
{
	return rte_mbuf_to_priv(copy);
}

#endif
