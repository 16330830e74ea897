/* SPDX-License-Identifier: BSD-3-Clause */
/* The worker: one thread on one core that polls its queues until it is told to stop. */
#ifndef UDPECHO_WORKER_H
#define UDPECHO_WORKER_H

#include <stdbool.h>

#include <rte_mbuf.h>

#include <udpecho/counters.h>
#include <udpecho/identity.h>

#define BURST_SIZE        32
#define WORKER_QUEUES_MAX 32

/*
 * Sees each burst between verdict and transmission: dropped frames as they came, replies as they
 * go. For offline use; a worker without one pays nothing.
 */
struct burst_observer {
	void (*observe)(struct burst_observer *observer, struct rte_mbuf *const frames[],
		const enum verdict verdicts[], unsigned int count);
};

/* A pair of queues of one device, receive and transmit, that one worker polls. */
struct worker_queue {
	uint16_t port;
	uint16_t queue;
	const struct identity *identity;
	struct burst_observer *observer; /* or NULL */
	struct counters counters;
} __rte_cache_aligned;

struct worker {
	unsigned int lcore;
	bool stop; /* written by another thread, with worker_stop() */
	unsigned int queue_count;
	struct worker_queue queues[WORKER_QUEUES_MAX];
} __rte_cache_aligned;

/**
 * Polls the queues of the struct worker that ARGUMENT points at until worker_stop(); a burst that
 * it has taken is finished first. Returns 0. The form is rte_eal_remote_launch()'s.
 */
int worker_run(void *argument);

/** Tells WORKER to return; from any thread. */
void worker_stop(struct worker *worker);

#endif
