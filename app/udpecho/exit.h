/* SPDX-License-Identifier: BSD-3-Clause */
/* Exit statuses. After a signal it is 128 + the signal's number, as shells have it. */
#ifndef UDPECHO_CLIENT_EXIT_H
#define UDPECHO_CLIENT_EXIT_H

enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_INTERRUPTED = 128 + 2, /* SIGINT */
	STATUS_TERMINATED = 128 + 15, /* SIGTERM */
};

#endif
