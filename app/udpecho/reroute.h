/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connected socket keeps the source address that it got with connect(2). Where that address goes,
 * or another route leads to the peer, nothing that it sends is answered any more: it has to be
 * connected again.
 */
#ifndef UDPECHO_CLIENT_REROUTE_H
#define UDPECHO_CLIENT_REROUTE_H

#include <stdbool.h>

#include "flow.h"
#include "peer.h"

/** Whether a socket that is made now would have another source address than FLOW's. */
bool route_has_moved(
	const struct flow *flow, const struct peer *peer, const struct socket_options *options);

/**
 * Connects FLOW's socket again, from the source port that it has. 0, or a negative errno value:
 * there is no way to the peer just now, and what is sent is refused until there is.
 */
int route_renew(struct flow *flow, const struct peer *peer);

/** Whether ERROR, of send(2), says that the way to the peer has changed. */
bool route_is_at_fault(int error);

#endif
