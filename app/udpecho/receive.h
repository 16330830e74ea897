/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes back on a flow's socket: replies, errors, and when the kernel sent and received. */
#ifndef UDPECHO_CLIENT_RECEIVE_H
#define UDPECHO_CLIENT_RECEIVE_H

#include "run.h"

/** Buffers for a thread that sends SIZE bytes at most; NULL: no memory. For receiver_free(). */
struct receiver *receiver_make(size_t size);

void receiver_free(struct receiver *receiver);

/** Has the kernel say when datagrams came, their TTL, and what the socket had no room for. */
void receive_setup(int socket, bool kernel_times);

/** Numbers the kernel's send times again: SEQUENCE is the next that is sent. After a send failed.
 */
void receive_restamp(struct flow *flow, uint64_t sequence);

/**
 * Takes what has come, and accounts for it; what the network or the kernel says of datagrams too,
 * if HAS_ERRORS. False: there may be more.
 */
bool receive_all(struct thread *thread, struct flow *flow, bool has_errors);

/** Nothing more is read: what there was no room for until now? */
void receive_end(struct flow *flow);

#endif
