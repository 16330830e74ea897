/* SPDX-License-Identifier: BSD-3-Clause */
/* Which datagram a reply answers, even if it is damaged. */
#ifndef UDPECHO_CLIENT_MATCH_H
#define UDPECHO_CLIENT_MATCH_H

#include <stddef.h>

#include "flow.h"

enum match {
	MATCH_NONE, /* none of ours */
	MATCH_SLOT,
	MATCH_FORGOTTEN, /* ours, but too old to tell */
};

/**
 * Finds the datagram of RUN and FLOW that the bytes answer. Of the three words in front, the run,
 * the flow with the sequence, and when it was due, two have to be right, as far as they are there:
 * so a single damage is told from a stranger, and is put down to the datagram that suffered it.
 */
enum match match_find(
	struct flow *flow, uint64_t run, const uint8_t *bytes, size_t length, struct slot **slot);

#endif
