/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits for a socket until a moment of the monotonic clock. */
#ifndef UDPECHO_CLIENT_DEADLINE_H
#define UDPECHO_CLIENT_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

struct deadline {
	int64_t nanoseconds;
};

/* Why a wait ended. */
enum wake {
	WAKE_READY,
	WAKE_TIMEOUT,
	WAKE_CANCELLED, /* cancel_status() says by which signal */
	WAKE_ERROR,     /* errno says why */
};

/** The monotonic clock, in nanoseconds. */
int64_t monotonic_now(void);

/** NANOSECONDS in milliseconds, as results print them. */
static inline double milliseconds(uint64_t nanoseconds)
{
	return (double)nanoseconds / 1e6;
}

/** The deadline that many nanoseconds from now. */
struct deadline deadline_in(int64_t nanoseconds);

/** Whether the deadline has passed. */
bool deadline_passed(struct deadline deadline);

/**
 * Waits until the descriptor has one of EVENTS, as poll() names them, or an error, which the next
 * read returns; until the deadline passes; or until a signal cancels. It polls at least once, even
 * if the deadline has passed.
 */
enum wake deadline_wait(struct deadline deadline, int descriptor, short events);

#endif
