/* SPDX-License-Identifier: BSD-3-Clause */
/* When a worker sends, and what: on a schedule, or as replies make room. */
#ifndef UDPECHO_CLIENT_SEND_H
#define UDPECHO_CLIENT_SEND_H

#include "run.h"

/** Buffers for a worker, for SIZE bytes at most; NULL: no memory. To be freed with outbox_free().
 */
struct outbox *outbox_make(size_t size);

void outbox_free(struct outbox *outbox);

/**
 * Sends what is due by now and before END, nanoseconds of the monotonic clock, flow after flow:
 * true while there is more to come. What is still overdue when the timeout has passed since END is
 * not sent, but counted.
 */
bool send_by_rate(struct worker *worker, struct outbox *outbox, uint64_t end);

/** Fills each flow's window, before END: true while there is more to come. */
bool send_by_window(struct worker *worker, struct outbox *outbox, uint64_t end);

/** When the worker's turn number TURN is due. */
uint64_t send_due(const struct worker *worker, uint64_t turn);

#endif
