/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes back on a flow's socket: replies, errors, and when the kernel sent and received. */
#ifndef UDPECHO_CLIENT_RECEIVE_H
#define UDPECHO_CLIENT_RECEIVE_H

#include "engine.h"

/** Buffers for a worker; NULL: no memory. To be freed with receiver_free(). */
struct receiver *receiver_make(void);

void receiver_free(struct receiver *receiver);

/** Has the kernel say when datagrams came, their TTL, and what the socket had no room for. */
void receive_setup(int socket, bool kernel_times);

/** Takes all that has come, and accounts for it. */
void receive_all(struct worker *worker, struct flow *flow);

#endif
