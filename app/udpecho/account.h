/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The account of each datagram, from when it is sent until its slot is taken by another. Only here
 * is its fate decided, counted, and told to engine->observe(). flow.h declares the functions that
 * need a flow only.
 */
#ifndef UDPECHO_CLIENT_ACCOUNT_H
#define UDPECHO_CLIENT_ACCOUNT_H

#include "run.h"

/**
 * Takes the slot for the next datagram of FLOW, sent NOW. An older datagram in that slot is
 * forgotten: if no reply to it has come until now, it is lost for good.
 */
const struct slot *account_sent(
	struct thread *thread, struct flow *flow, uint64_t due, uint64_t now);

/** Counts a datagram of FLOW that the kernel refused to send, with ERROR, an errno value. */
void account_refused(struct flow *flow, int error);

/** Counts ERROR, an errno value, that the network or the host reported for FLOW. */
void account_error(const struct engine *engine, struct flow *flow, int error);

/** Counts a datagram that answers none of ours. */
void account_stranger(struct flow *flow);

/** Counts a reply to a datagram that is forgotten. */
void account_stale(struct flow *flow);

/** Counts a reply to SLOT. EVENT says how it looks; the rest of EVENT is set, and told. */
void account_reply(
	struct thread *thread, struct flow *flow, struct slot *slot, struct event *event);

/** Gives up the datagram that has waited longest, if it was sent before LIMIT. False: none was. */
bool account_expire(struct thread *thread, struct flow *flow, uint64_t limit);

/** Ends the account. Those that still wait do not count as sent; the lost are lost for good. */
void account_end(const struct engine *engine, struct flow *flow);

#endif
