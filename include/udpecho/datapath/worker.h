/* SPDX-License-Identifier: BSD-3-Clause */
/* A worker is one thread on one core, which polls its queues until it is told to stop. */
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
 * An observer sees each burst of a queue twice. receive() gets it as it was received. answer() gets
 * it with the verdicts and the replies, before the worker transmits or frees a frame; it must not
 * touch frames that are kept. Both run on the worker's thread, and must not wait.
 */
struct burst_observer {
	void (*receive)(struct burst_observer *observer, const struct burst *burst);
	void (*answer)(struct burst_observer *observer, const struct burst *burst);
};

/* A request of another thread to broadcast ARP in every VLAN that a queue knows: RFC 5227. */
enum worker_request {
	WORKER_REQUEST_NONE,
	WORKER_REQUEST_PROBE,    /* ask whether anybody uses our addresses */
	WORKER_REQUEST_ANNOUNCE, /* say that we use them */
};

/* A receive queue of a device that one worker polls, with the transmit queue for its replies. */
struct worker_queue {
	uint16_t port;
	uint16_t queue;
	uint16_t tx_port; /* mostly the same; no other worker uses its tx_queue */
	uint16_t tx_queue;
	uint16_t device;     /* the number of its device, as the caller counts */
	uint16_t number;     /* the number of the queue among those of the device */
	uint16_t burst_size; /* at most BURST_SIZE; 1 gives each frame of a capture its own time */
	bool multi_segment;  /* the device can transmit frames of several mbufs */
	enum worker_request request; /* another thread sets it */
	const struct policy *policy; /* of the next burst; another thread sets it */
	struct rte_mempool *pool;
	uint64_t drop_interval;          /* for drops_note(), in ticks of the stage's clock */
	uint32_t secret;                 /* so that nobody can guess identifications */
	uint32_t identified;             /* replies that got an identification from us */
	struct burst_observer *observer; /* may be NULL; another thread sets it */
	struct stage stage;
	struct arp_notes arp_notes;
	struct counters counters;
} __rte_cache_aligned;

struct worker {
	unsigned int lcore;
	enum idle idle;
	bool stop;            /* another thread sets it with worker_stop() */
	uint64_t rounds;      /* of its loop, so that others see that it is not stalled */
	uint64_t empty_polls; /* of all its queues; a round polls each queue once */
	uint64_t busy_ticks;  /* of the TSC, in rounds that received frames */
	struct residence residence;
	struct drops drops;
	struct rte_rcu_qsbr *quiescence; /* the worker reports with its lcore as thread ID */
	unsigned int queue_count;
	struct worker_queue queues[WORKER_QUEUES_MAX];
} __rte_cache_aligned;

/**
 * Polls the queues of ARGUMENT, a struct worker, until worker_stop(), and finishes a burst that it
 * has received before it returns. Returns 0. It is an lcore_function_t, for
 * rte_eal_remote_launch().
 */
int worker_run(void *argument);

/** Tells WORKER to return from worker_run(). Any thread may call it. */
void worker_stop(struct worker *worker);

/** Gives QUEUE another POLICY, from its next burst on. Any thread may call it. */
void worker_set_policy(struct worker_queue *queue, const struct policy *policy);

/**
 * Lets OBSERVER see the bursts of QUEUE from the next one on; NULL: nobody sees them. The worker
 * may still call the old observer until it has reported a quiescent state. Any thread may call it.
 */
void worker_set_observer(struct worker_queue *queue, struct burst_observer *observer);

/**
 * Asks the worker of QUEUE to broadcast REQUEST for each of its addresses, in each VLAN from which
 * somebody has asked for one of them. The first queue of a device also broadcasts it untagged. Any
 * thread may call it.
 */
void worker_ask(struct worker_queue *queue, enum worker_request request);

#endif
