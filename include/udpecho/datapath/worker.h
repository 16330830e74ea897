/* SPDX-License-Identifier: BSD-3-Clause */
/* The worker: one thread on one core that polls its queues until it is told to stop. */
#ifndef UDPECHO_WORKER_H
#define UDPECHO_WORKER_H

#include <stdbool.h>

#include <rte_common.h>

#include <udpecho/datapath/arp_notes.h>
#include <udpecho/datapath/burst.h>
#include <udpecho/datapath/counters.h>
#include <udpecho/datapath/drops.h>
#include <udpecho/datapath/idle.h>
#include <udpecho/datapath/policy.h>
#include <udpecho/datapath/residence.h>

#define WORKER_QUEUES_MAX 32

/*
 * Sees each burst twice: as it was received, and when its verdicts are there and its replies
 * written, but nothing is sent or freed yet; kept frames are not to be touched then. The thread is
 * the worker's: it must not wait. A queue without an observer pays nothing.
 */
struct burst_observer {
	void (*receive)(struct burst_observer *observer, const struct burst *burst);
	void (*answer)(struct burst_observer *observer, const struct burst *burst);
};

/* ARP that another thread wants to go out, to all that a queue knows of: RFC 5227. */
enum worker_request {
	WORKER_REQUEST_NONE,
	WORKER_REQUEST_PROBE,    /* does anybody have our addresses? */
	WORKER_REQUEST_ANNOUNCE, /* we have them */
};

/* A pair of queues of one device, receive and transmit, that one worker polls. */
struct worker_queue {
	uint16_t port;
	uint16_t queue;
	uint16_t tx_port; /* that transmits, and no other worker does there: mostly the same */
	uint16_t tx_queue;
	uint16_t device;             /* whose it is, by the numbers of whoever made it, */
	uint16_t number;             /* and which of its queues */
	uint16_t burst_size;         /* at most BURST_SIZE; 1 makes a capture's clock exact */
	bool multi_segment;          /* the device transmits chains */
	enum worker_request request; /* set by another thread */
	const struct policy *policy; /* for the next burst; set by another thread */
	struct rte_mempool *pool;
	uint64_t drop_interval;          /* of drops_note(), in ticks of the stage's clock */
	struct burst_observer *observer; /* or NULL; set by another thread */
	struct stage stage;
	struct arp_notes arp_notes;
	struct counters counters;
} __rte_cache_aligned;

struct worker {
	unsigned int lcore;
	enum idle idle;
	bool stop;            /* written by another thread, with worker_stop() */
	uint64_t rounds;      /* of its loop, so that others see that it turns */
	uint64_t empty_polls; /* of queues; each round polls each of them once */
	uint64_t busy_ticks;  /* of the TSC: how long rounds took that had something */
	struct residence residence;
	struct drops drops;
	struct rte_rcu_qsbr *quiescence; /* reported under the number of its lcore */
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

/** Gives QUEUE another policy from its next burst on; from any thread. */
void worker_set_policy(struct worker_queue *queue, const struct policy *policy);

/**
 * Has OBSERVER, or nobody where it is NULL, see QUEUE's bursts from the next one on; from any
 * thread. The old observer is seen to until the worker has been between two bursts once.
 */
void worker_set_observer(struct worker_queue *queue, struct burst_observer *observer);

/**
 * Has the worker broadcast REQUEST for each address of QUEUE, in each VLAN from which somebody
 * asked for one there, and by a device's first queue untagged; from any thread.
 */
void worker_ask(struct worker_queue *queue, enum worker_request request);

#endif
