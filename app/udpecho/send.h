/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends the datagrams of a thread: on a schedule, or as replies make room. */
#ifndef UDPECHO_CLIENT_SEND_H
#define UDPECHO_CLIENT_SEND_H

#include "run.h"

/** Buffers for datagrams of up to SIZE bytes; NULL: no memory. Free them with outbox_free(). */
struct outbox *outbox_make(size_t size);

void outbox_free(struct outbox *outbox);

/**
 * Sends the datagrams that are due by now and before END, nanoseconds of the monotonic clock, flow
 * after flow. True: more will be due. Datagrams that are still overdue a timeout after END are not
 * sent, but counted in thread->unsent.
 */
bool send_by_rate(struct thread *thread, struct outbox *outbox, uint64_t end);

/** Fills each flow's window, if it is before END. True: there is more to send. */
bool send_by_window(struct thread *thread, struct outbox *outbox, uint64_t end);

/** When the datagram number TURN of the thread is due. */
uint64_t send_due(const struct thread *thread, uint64_t turn);

#endif
