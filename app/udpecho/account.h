/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of each datagram, from when it is sent until it is forgotten. It is decided here
 * alone, and counted, and told to whoever observes the run. flow.h has the part of it that takes a
 * flow and no more.
 */
#ifndef UDPECHO_CLIENT_ACCOUNT_H
#define UDPECHO_CLIENT_ACCOUNT_H

#include "run.h"

/**
 * The next datagram of FLOW is sent NOW: its slot. The datagram that had the slot before is
 * forgotten; if nothing has come for it in all that time, it is lost for good.
 */
const struct slot *account_sent(
	struct thread *thread, struct flow *flow, uint64_t due, uint64_t now);

/** The kernel did not take a datagram of FLOW, because of ERROR, an errno value. */
void account_refused(struct flow *flow, int error);

/** The network or the host reported ERROR, an errno value, about a datagram of FLOW. */
void account_error(const struct engine *engine, struct flow *flow, int error);

/** A datagram came that answers none of ours. */
void account_stranger(struct flow *flow);

/** A reply came to a datagram that is forgotten. */
void account_stale(struct flow *flow);

/** A reply to SLOT came: EVENT says how it looks, and is told. */
void account_reply(
	struct thread *thread, struct flow *flow, struct slot *slot, struct event *event);

/** Gives up the datagram that has waited longest, if it was sent before LIMIT. False: none was. */
bool account_expire(struct thread *thread, struct flow *flow, uint64_t limit);

/** The end: what was lost is lost, and what nobody waited for long enough was not sent. */
void account_end(const struct engine *engine, struct flow *flow);

#endif
