/* SPDX-License-Identifier: BSD-3-Clause */
/* What a run consists of, which all of its parts share, and how any of them ends it. */
#ifndef UDPECHO_CLIENT_RUN_H
#define UDPECHO_CLIENT_RUN_H

#include <pthread.h>

#include "flow.h"
#include "histogram.h"
#include "options.h"
#include "peer.h"

struct series;

/* Something became of a datagram. */
struct event {
	const struct flow *flow;
	const struct slot *slot;
	enum fate fate;
	bool is_duplicate;
	bool is_told;               /* lost, which an error has said already */
	bool is_forgotten;          /* nothing came for it, and nothing can any more */
	size_t sent_length, length; /* bytes; of the reply, 0: there is none */
	uint64_t latency;           /* nanoseconds since it was due */
	uint64_t network;           /* by the kernel's clock; 0: unknown */
	int ttl;                    /* of the reply; 0: unknown */
	int error;                  /* errno that the network or the host reported; then no slot */
	size_t offset;              /* of the first wrong byte of a corrupted one */
	uint8_t got, expected;      /* there */
};

/* Latencies of one host. */
struct latencies {
	struct histogram all;
	struct histogram network;
};

struct host {
	struct peer peer;
	struct latencies *latencies;
};

#define FAILURE_TOLD (-1) /* it has been reported */

struct engine;

/* What one thread does: some of the flows, all by itself. */
struct thread {
	struct engine *engine;
	pthread_t id;
	unsigned int number;
	unsigned int flow_count;
	struct flow **flows;
	struct latencies **latencies; /* of each host, or NULL */
	struct series *series;        /* NULL: not wanted */
	uint64_t turn;                /* datagrams that were due so far */
	bool has_room;                /* in a window, for more than was sent at once */
	uint64_t route_checked;       /* when; nanoseconds of the monotonic clock */
	uint64_t looked;              /* when all that had come was read the last time */
	uint64_t tardy;               /* that left more than a millisecond late */
	uint64_t tardiest;            /* nanoseconds */
	uint64_t unsent;              /* that were due, but were given up */
	uint64_t sent_all;            /* when; nanoseconds of the monotonic clock */
	uint64_t idle;                /* nanoseconds that it slept, until sent_all */
	int epoll;
	struct receiver *receiver; /* buffers */
};

struct engine {
	const struct options *options;
	uint64_t run;
	bool is_short;             /* of hosts, as one was not to be reached, which was reported */
	unsigned int thread_count; /* no more than there are flows */
	unsigned int host_count, flow_count;
	struct host *hosts;
	struct flow *flows;
	struct thread *threads;
	uint64_t begun, sent_all;  /* nanoseconds of the monotonic clock */
	bool stop;                 /* sends no more; set by another thread */
	bool abandon;              /* and waits no more */
	int failure;               /* errno of what ended it; 0: nothing did */
	const struct host *failed; /* that it is about, or NULL */
	void (*observe)(void *context, const struct event *event); /* or NULL; from any thread */
	void *context;
	struct series *series; /* of all threads, in the end; NULL: not wanted */
};

/**
 * Ends all at once, for ERROR, an errno value, which engine_run() reports, or FAILURE_TOLD. From
 * any thread. HOST, which it is about, may be NULL.
 */
void engine_fail(struct engine *engine, int error, const struct host *host);

/** Reads a flag that another thread may set. */
static inline bool engine_is(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

#endif
