/* SPDX-License-Identifier: BSD-3-Clause */
/* Receives on a flow's socket: replies, errors, and the kernel's send and receive times. */
#ifndef UDPECHO_CLIENT_RECEIVE_H
#define UDPECHO_CLIENT_RECEIVE_H

#include "run.h"

/** Buffers for replies to SIZE bytes at most; NULL: no memory. Free them with receiver_free(). */
struct receiver *receiver_make(size_t size);

void receiver_free(struct receiver *receiver);

/** Asks the kernel for the receive times and TTLs of datagrams, and how many it had no room for. */
void receive_setup(int socket, bool kernel_times);

/** Restarts the kernel's numbers of send times: SEQUENCE gets 0. For after a send has failed. */
void receive_restamp(struct flow *flow, uint64_t sequence);

/**
 * Receives the replies that have come, and accounts for them. If HAS_ERRORS, it also reads the
 * error queue: errors and send times. False: there may be more.
 */
bool receive_all(struct thread *thread, struct flow *flow, bool has_errors);

/** Counts the replies that the socket had no room for, after the last read. */
void receive_end(struct flow *flow);

#endif
