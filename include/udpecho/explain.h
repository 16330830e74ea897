/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a frame was dropped, in the values seen; and --explain: one line on standard output for each
 * frame of a capture.
 */
#ifndef UDPECHO_EXPLAIN_H
#define UDPECHO_EXPLAIN_H

#include <stdio.h>

#include <udpecho/packet.h>
#include <udpecho/worker.h>

struct explain {
	struct burst_observer observer;
	uint64_t number; /* of the last frame, from 1 */
};

/** An observer that prints `NUMBER VERDICT-NAME explanation`. */
void explain_init(struct explain *explain);

/**
 * Writes why FRAME got VERDICT, one to drop: a line without its end. Of a frame without a rest that
 * is longer than what is contiguous, the headers alone are there, and that is what it goes by.
 */
void explain_drop(const struct frame *frame, enum verdict verdict, FILE *stream);

#endif
