/* SPDX-License-Identifier: BSD-3-Clause */
/* Which frames a capture is to have, and when it ends. */
#ifndef UDPECHO_CAPTURE_REQUEST_H
#define UDPECHO_CAPTURE_REQUEST_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>
#include <udpecho/packet/verdict.h>

struct capture_request {
	char path[PATH_MAX];
	char filter[1024]; /* in the language of pcap-filter(7); "": every frame */
	verdict_set verdicts;
	bool received;                        /* capture frames as they came */
	bool sent;                            /* capture replies */
	unsigned int packets, bytes, seconds; /* the first that is reached ends the capture */
	unsigned int snaplen;                 /* the most bytes of a frame */
};

/**
 * Reads "file=/PATH[,verdict=NAME+NAME][,direction=in|out|both][,packets=N][,bytes=N][,seconds=N]
 * [,snaplen=N][,filter=EXPRESSION]". The filter is last, as it may have commas itself. NAME is a
 * verdict of verdict.def, or reply, drop or keep for all verdicts of that kind. Returns 0, or
 * -EINVAL.
 */
int capture_request_read(struct capture_request *request, const char *text, struct error *error);

#endif
