/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Why a frame was dropped, in the values seen; and --explain: one line on standard output for each
 * frame of a capture.
 */
#ifndef UDPECHO_EXPLAIN_H
#define UDPECHO_EXPLAIN_H

#include <stdio.h>

#include <udpecho/datapath/worker.h>
#include <udpecho/packet/packet.h>

struct explain {
	struct burst_observer observer;
	uint64_t number; /* of the last frame, from 1 */
	bool as_json;
};

/**
 * An observer that prints `NUMBER VERDICT-NAME explanation`, or with AS_JSON an object of JSON on a
 * line of its own.
 */
void explain_init(struct explain *explain, bool as_json);

/** Prints of the next frame why it was skipped; EXPLAIN is a struct explain, NUMBER its own count.
 */
void explain_skip(void *explain, uint64_t number, const char *why);

/**
 * Writes why FRAME got VERDICT, one to drop: a line without its end. Of a frame without a rest that
 * is longer than what is contiguous, the headers alone are there, and that is what it goes by.
 */
void explain_drop(const struct frame *frame, enum verdict verdict, FILE *stream);

#endif
