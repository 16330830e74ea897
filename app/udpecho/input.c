/* SPDX-License-Identifier: BSD-3-Clause */
#include "input.h"

#include <errno.h>
#include <unistd.h>

#include "cancel.h"

/* Returns 0 or a negative errno value. */
static int bytes_read(struct payload *payload, size_t limit)
{
	payload->length = 0;
	while (payload->length <= limit) {
		ssize_t got = read(STDIN_FILENO, payload->bytes + payload->length,
			limit + 1 - payload->length);

		if (got == 0)
			return 0;
		if (got > 0)
			payload->length += (size_t)got;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

enum status input_read(struct payload *payload, size_t limit)
{
	int error;

	/*
	 * Not polled: if another process reads the same pipe, read() may block although poll()
	 * found it ready; and O_NONBLOCK would be set for that process as well.
	 */
	cancel_at_once("read standard input");
	error = bytes_read(payload, limit);
	cancel_in_order();

	if (error < 0)
		return report_failure("read standard input: %s", report_errno(-error));
	if (payload->length > limit)
		return report_failure(
			"read standard input: more than %zu bytes, the most of one datagram",
			limit);
	return STATUS_DONE;
}
