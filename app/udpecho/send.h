/* SPDX-License-Identifier: BSD-3-Clause */
/* When a thread sends, and what: on a schedule, or as replies make room. */
#ifndef UDPECHO_CLIENT_SEND_H
#define UDPECHO_CLIENT_SEND_H

#include "run.h"

/** Buffers for a thread, for SIZE bytes at most; NULL: no memory. To be freed with outbox_free().
 */
struct outbox *outbox_make(size_t size);

void outbox_free(struct outbox *outbox);

/**
 * Sends what is due by now and before END, nanoseconds of the monotonic clock, flow after flow:
 * true while there is more to come. What is still overdue when the timeout has passed since END is
 * not sent, but counted.
 */
bool send_by_rate(struct thread *thread, struct outbox *outbox, uint64_t end);

/** Fills each flow's window, before END: true while there is more to come. */
bool send_by_window(struct thread *thread, struct outbox *outbox, uint64_t end);

/** When the thread's turn number TURN is due. */
uint64_t send_due(const struct thread *thread, uint64_t turn);

#endif
