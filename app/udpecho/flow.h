/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A flow: one source port to one host, and the account of each datagram that it has sent. account.c
 * keeps the account. Routers pick paths by flow, so a broken path shows as flows that lost.
 */
#ifndef UDPECHO_CLIENT_FLOW_H
#define UDPECHO_CLIENT_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "tally.h"

/* A datagram that was sent, until a later one takes the slot. */
struct slot {
	uint64_t sequence;
	uint64_t due;  /* nanoseconds of the monotonic clock */
	uint64_t sent; /* likewise: when the kernel got it from us */
	uint64_t left; /* when the kernel sent it, nanoseconds since 1970; 0: unknown */
	enum fate fate;
};

struct flow {
	int socket;
	uint16_t number;
	unsigned int host;
	uint16_t source_port;
	uint64_t quota;    /* datagrams that it may send */
	uint64_t next;     /* the sequence that is sent next */
	uint64_t oldest;   /* the first sequence that may still wait for its reply */
	uint64_t expected; /* RFC 4737: one more than the greatest sequence that came */
	uint64_t waiting;  /* datagrams that wait for their reply */
	uint64_t slot_count;
	struct slot *slots; /* for the last slot_count sequences */
	struct tally tally;
	int ttl_least, ttl_most; /* of the replies; 0: unknown */
	uint64_t dscps;          /* of the replies: one bit for each */
	int error;               /* the last one that was reported, an errno value */
	uint64_t told;           /* errors printed for datagrams that are not yet given up */
	uint64_t stamped;        /* the sequence of the kernel's send time number 0 */
	uint64_t stamps_end;     /* from this sequence on those numbers cannot be trusted */
};

/** Makes room for the account of SLOTS datagrams, a power of two. False: no memory. */
bool flow_init(struct flow *flow, uint64_t slots);

void flow_free(struct flow *flow);

/** The slot of the older datagram that the next one will replace; NULL: it replaces none. */
struct slot *flow_taken(struct flow *flow);

/** Takes the slot for the next datagram, sent NOW. An older one in it must not be waiting. */
struct slot *flow_send(struct flow *flow, uint64_t due, uint64_t now);

/** Takes back the last COUNT datagrams: they were not sent after all. */
void flow_unsend(struct flow *flow, unsigned int count);

/** The slot of SEQUENCE; NULL: it was not sent, or its slot has been taken. */
struct slot *flow_find(struct flow *flow, uint64_t sequence);

/** The slot of the datagram that was due exactly at DUE; NULL: none was. */
struct slot *flow_find_due(struct flow *flow, uint64_t due);

/**
 * Counts a reply to SLOT, which looks like FATE. If the datagram had been given up as lost, it
 * becomes FATE_LATE. False: the reply is a duplicate.
 */
bool flow_receive(struct flow *flow, struct slot *slot, enum fate fate);

/** Gives up the datagram that has waited longest, if it was sent before LIMIT. NULL: none was. */
struct slot *flow_expire(struct flow *flow, uint64_t limit);

/** When the datagram that has waited longest was sent; UINT64_MAX: none waits. */
uint64_t flow_waits_since(struct flow *flow);

#endif
