/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UDPECHO_IDLE_H
#define UDPECHO_IDLE_H

/* What a worker does when nothing comes: from the quickest to the most frugal. */
enum idle {
	IDLE_SPIN,  /* ask again at once */
	IDLE_PAUSE, /* ask again, and leave the core's other half and its power alone meanwhile */
	IDLE_SLEEP, /* leave the core to others for some microseconds, more as time goes by */
	IDLE_INTERRUPT, /* wait until the device says that something came */
};

#endif
