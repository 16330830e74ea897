/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the datagram that a reply answers, even if the reply is damaged. */
#ifndef UDPECHO_CLIENT_MATCH_H
#define UDPECHO_CLIENT_MATCH_H

#include <stddef.h>

#include "flow.h"

enum match {
	MATCH_NONE, /* it answers no datagram of ours */
	MATCH_SLOT,
	MATCH_FORGOTTEN, /* it answers a datagram that no slot holds any more */
};

/**
 * Finds the datagram of RUN and FLOW that the bytes answer. The header has three words: the run,
 * the flow with the sequence, and when the datagram was due. Two of them have to be right; if
 * the third word is cut off, the first two. So a reply with one damaged word is no stranger, and is
 * counted for the datagram that it answers.
 */
enum match match_find(
	struct flow *flow, uint64_t run, const uint8_t *bytes, size_t length, struct slot **slot);

#endif
