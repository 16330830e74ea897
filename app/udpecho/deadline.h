/* SPDX-License-Identifier: BSD-3-Clause */
/* A moment on the monotonic clock until which a socket is waited for. */
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
	WAKE_CANCELLED, /* cancel_status() says by what */
	WAKE_ERROR,     /* errno says why */
};

/** The monotonic clock, in nanoseconds. */
int64_t monotonic_now(void);

/** NANOSECONDS in milliseconds, as results print them. */
static inline double milliseconds(uint64_t nanoseconds)
{
	return (double)nanoseconds / 1e6;
}

/** The moment that lies so many nanoseconds ahead. */
struct deadline deadline_in(int64_t nanoseconds);

/** True when the moment has come. */
bool deadline_passed(struct deadline deadline);

/**
 * Waits until the descriptor has one of the poll events (or an error, which a read will tell), the
 * deadline passes or a signal cancels. Looks at least once, even when the deadline has passed.
 */
enum wake deadline_wait(struct deadline deadline, int descriptor, short events);

#endif
