/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A flow: one source port to one host, and the account of each datagram that it has sent, which
 * account.c keeps. Paths through a network are picked by flow, so that a broken one shows as flows
 * that lost.
 */
#ifndef UDPECHO_CLIENT_FLOW_H
#define UDPECHO_CLIENT_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "tally.h"

struct slot {
	uint64_t sequence;
	uint64_t due;  /* nanoseconds of the monotonic clock */
	uint64_t sent; /* likewise: when we handed it to the kernel */
	uint64_t left; /* when the kernel sent it, nanoseconds since 1970; 0: unknown */
	enum fate fate;
};

struct flow {
	int socket;
	uint16_t number;
	unsigned int host;
	uint16_t source_port;
	uint64_t quota;    /* datagrams that it may send */
	uint64_t next;     /* sequence to send */
	uint64_t oldest;   /* that may still be waiting */
	uint64_t expected; /* by RFC 4737: one more than the greatest that came */
	uint64_t waiting;  /* datagrams */
	uint64_t slot_count;
	struct slot *slots; /* of the last slot_count sequences */
	struct tally tally;
	int ttl_least, ttl_most; /* as replies came; 0: unknown */
	uint64_t dscps;          /* one bit for each that was seen */
	int error;               /* errno of the last that was reported */
	uint64_t told;           /* how many errors stand for a datagram that is yet to be lost */
	/* Sequences: from which the kernel numbers its send times, and from which nobody knows how.
	 */
	uint64_t stamped, stamps_end;
};

/** Room for the account of SLOTS datagrams, a power of two. False: no memory. */
bool flow_init(struct flow *flow, uint64_t slots);

void flow_free(struct flow *flow);

/** The slot that the next datagram takes from an older one; NULL: nobody's. */
struct slot *flow_taken(struct flow *flow);

/** The next datagram is sent NOW: its slot. Nobody may wait for what was in it. */
struct slot *flow_send(struct flow *flow, uint64_t due, uint64_t now);

/** The last COUNT were not sent after all. */
void flow_unsend(struct flow *flow, unsigned int count);

/** The slot of SEQUENCE; NULL: it was not sent, or is forgotten. */
struct slot *flow_find(struct flow *flow, uint64_t sequence);

/** The slot of what was due at exactly that time; NULL: none. */
struct slot *flow_find_due(struct flow *flow, uint64_t due);

/**
 * A reply to SLOT came, that looks like FATE: counts it. False: it is a duplicate. A datagram that
 * was given up for lost becomes FATE_LATE.
 */
bool flow_receive(struct flow *flow, struct slot *slot, enum fate fate);

/** The one that has waited longest, if it was sent before LIMIT: it is lost. NULL: none. */
struct slot *flow_expire(struct flow *flow, uint64_t limit);

/** When the one that has waited longest was sent; UINT64_MAX: none waits. */
uint64_t flow_waits_since(struct flow *flow);

#endif
