/* SPDX-License-Identifier: BSD-3-Clause */
/* The burst stage: a verdict for each frame of a burst, and the reply in place. */
#ifndef UDPECHO_BURST_H
#define UDPECHO_BURST_H

#include <rte_mbuf.h>

#include <udpecho/identity.h>
#include <udpecho/verdict.h>

/* Segments of one frame that are looked at; what lies beyond them counts as missing. */
#define BURST_SEGMENTS_MAX 128

/**
 * Gives each of the COUNT frames its verdict. Frames with a reply's verdict now hold the reply,
 * of the reply's length; the others are as they came. Nothing is freed.
 */
void burst_answer(const struct identity *identity, struct rte_mbuf *const frames[],
	enum verdict verdicts[], unsigned int count);

#endif
