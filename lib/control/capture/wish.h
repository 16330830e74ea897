/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody wants to have captured, and for how long. */
#ifndef UDPECHO_CAPTURE_WISH_H
#define UDPECHO_CAPTURE_WISH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>

struct capture_wish {
	char path[PATH_MAX];
	char filter[1024]; /* in the language of pcap-filter(7); "": every frame */
	verdict_set verdicts;
	bool received;                        /* frames as they came */
	bool sent;                            /* replies */
	unsigned int packets, bytes, seconds; /* it ends with the first that is reached */
	unsigned int snaplen;                 /* bytes of each frame at most */
};

/**
 * Reads "file=/PATH[,verdict=NAME+NAME][,direction=in|out|both][,packets=N][,bytes=N][,seconds=N]
 * [,snaplen=N][,filter=EXPRESSION]", with the filter last, as it may have commas itself. A verdict
 * is one of verdict.def, or reply, drop or keep for all of that kind. 0, or -EINVAL.
 */
int capture_wish_read(struct capture_wish *wish, const char *text, struct error *error);

#endif
