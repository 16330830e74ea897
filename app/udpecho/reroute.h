/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connected socket keeps the source address that connect(2) gave it. If that address is removed,
 * or the route to the peer changes, its datagrams are no longer answered: it has to connect again.
 */
#ifndef UDPECHO_CLIENT_REROUTE_H
#define UDPECHO_CLIENT_REROUTE_H

#include <stdbool.h>

#include "flow.h"
#include "peer.h"

/** Whether a new socket to PEER would get a source address other than FLOW's. */
bool route_has_moved(
	const struct flow *flow, const struct peer *peer, const struct socket_options *options);

/**
 * Connects FLOW's socket again, from its source port. 0, or a negative errno value: there is no
 * route to the peer now, and the kernel refuses datagrams until there is one.
 */
int route_renew(struct flow *flow, const struct peer *peer);

/** Whether ERROR, from send(2), may mean that the route to the peer has changed. */
bool route_is_at_fault(int error);

#endif
