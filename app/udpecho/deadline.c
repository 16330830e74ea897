/* SPDX-License-Identifier: BSD-3-Clause */
#include "deadline.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "cancel.h"

/* Every Linux has CLOCK_MONOTONIC, so this cannot fail; and nobody can set it back. */
int64_t monotonic_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

struct deadline deadline_in(int64_t nanoseconds)
{
	return (struct deadline){.nanoseconds = monotonic_now() + nanoseconds};
}

bool deadline_passed(struct deadline deadline)
{
	return monotonic_now() >= deadline.nanoseconds;
}

enum wake deadline_wait(struct deadline deadline, int descriptor, short events)
{
	for (;;) {
		struct pollfd socket = {.fd = descriptor, .events = events};
		int64_t left = deadline.nanoseconds - monotonic_now();
		struct timespec timeout = {0};
		int ready;

		if (left > 0) {
			timeout.tv_sec = (time_t)(left / NANOSECONDS_PER_SECOND);
			timeout.tv_nsec = (long)(left % NANOSECONDS_PER_SECOND);
		}
		ready = ppoll(&socket, 1, &timeout, cancel_mask());
		if (ready > 0)
			return WAKE_READY;
		if (ready == 0)
			return WAKE_TIMEOUT;
		if (errno != EINTR)
			return WAKE_ERROR;
		if (cancel_status() != STATUS_DONE)
			return WAKE_CANCELLED;
	}
}
