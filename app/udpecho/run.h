/* SPDX-License-Identifier: BSD-3-Clause */
/* The structs of a run, which all of its parts share, and how each part ends the run. */
#ifndef UDPECHO_CLIENT_RUN_H
#define UDPECHO_CLIENT_RUN_H

#include <pthread.h>

#include "flow.h"
#include "histogram.h"
#include "options.h"
#include "peer.h"

struct series;

/* Something happened to a datagram. */
struct event {
	const struct flow *flow;
	const struct slot *slot;
	enum fate fate;
	bool is_duplicate;
	bool is_told;               /* lost, and an error was printed for it before */
	bool is_forgotten;          /* lost for good: a reply would not be known any more */
	size_t sent_length, length; /* bytes sent; bytes of the reply, 0: there is none */
	uint64_t latency;           /* nanoseconds since the datagram was due */
	uint64_t network;           /* latency by the kernel's clock, nanoseconds; 0: unknown */
	int ttl;                    /* of the reply; 0: unknown */
	int error;             /* errno value that the network or the host reported; no slot then */
	size_t offset;         /* of the first wrong byte of a corrupted reply */
	uint8_t got, expected; /* the bytes at that offset */
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

#define FAILURE_TOLD (-1) /* a failure that has been reported already */

struct engine;

/* A thread, which has some of the flows for itself. */
struct thread {
	struct engine *engine;
	pthread_t id;
	unsigned int number;
	unsigned int flow_count;
	struct flow **flows;
	struct latencies **latencies; /* of each host; NULL: the thread has no flow to it */
	struct series *series;        /* NULL: not wanted */
	uint64_t turn;                /* how many datagrams were due so far */
	bool has_room;                /* a window has room for more datagrams than one batch */
	uint64_t route_checked;       /* the last time, nanoseconds of the monotonic clock */
	uint64_t looked;              /* the last time that all sockets were read empty */
	uint64_t tardy;               /* datagrams that left more than a millisecond late */
	uint64_t tardiest;            /* the latest of them, nanoseconds */
	uint64_t unsent;              /* datagrams that were due, but never sent */
	uint64_t sent_all; /* when it ended sending, nanoseconds of the monotonic clock */
	uint64_t idle;     /* nanoseconds that it slept before sent_all */
	int epoll;
	struct receiver *receiver;
};

struct engine {
	const struct options *options;
	uint64_t run;
	bool is_short;             /* a host is missing: the reason was reported */
	unsigned int thread_count; /* at most one for each flow */
	unsigned int host_count, flow_count;
	struct host *hosts;
	struct flow *flows;
	struct thread *threads;
	uint64_t begun, sent_all;  /* when, nanoseconds of the monotonic clock */
	bool stop;                 /* threads send no more; any thread may set it */
	bool abandon;              /* threads do not wait for replies either */
	int failure;               /* errno value, or FAILURE_TOLD; 0: no failure */
	const struct host *failed; /* the host of the failure, or NULL */
	void (*observe)(
		void *context, const struct event *event); /* or NULL; any thread calls it */
	void *context;
	struct series *series; /* the sum of all threads, at the end; NULL: not wanted */
};

/**
 * Ends the run at once. ERROR is an errno value, which engine_run() reports, or FAILURE_TOLD. HOST
 * is the host that the error is about, or NULL. Any thread may call it.
 */
void engine_fail(struct engine *engine, int error, const struct host *host);

/** Reads a flag that another thread may set. */
static inline bool engine_is(const bool *flag)
{
	return __atomic_load_n(flag, __ATOMIC_RELAXED);
}

#endif
