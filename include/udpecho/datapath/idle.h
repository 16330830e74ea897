/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UDPECHO_IDLE_H
#define UDPECHO_IDLE_H

/* What a worker does when its queues are empty, from the quickest way to the most frugal. */
enum idle {
	IDLE_SPIN,  /* poll again at once */
	IDLE_PAUSE, /* pause between polls, which saves power and leaves the core to its sibling */
	IDLE_SLEEP, /* sleep for some microseconds, longer and longer while nothing comes */
	IDLE_INTERRUPT, /* wait for the device's interrupt */
};

#endif
