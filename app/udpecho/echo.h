/* SPDX-License-Identifier: BSD-3-Clause */
/* One exchange: sends a datagram, and expects the same bytes back. */
#ifndef UDPECHO_CLIENT_ECHO_H
#define UDPECHO_CLIENT_ECHO_H

#include "deadline.h"
#include "input.h"
#include "peer.h"

/** Sends the payload as one datagram, and prints its length. */
enum status echo_write(
	const struct peer *peer, const struct payload *sent, struct deadline deadline);

/** Waits for one datagram of the peer, and prints its length and its sender. */
enum status echo_read(const struct peer *peer, struct payload *reply, size_t sent_length,
	struct deadline deadline);

/** Compares the reply with what was sent, and reports the first difference as an error. */
enum status echo_check(
	const struct peer *peer, const struct payload *sent, const struct payload *reply);

#endif
