/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Says why a frame was dropped, with the values in it. --explain prints one line on standard output
 * for each frame of a capture.
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
 * Makes EXPLAIN an observer that prints `NUMBER VERDICT-NAME explanation`, or a JSON object on a
 * line if AS_JSON.
 */
void explain_init(struct explain *explain, bool as_json);

/** Prints why the next frame, NUMBER of the capture, was skipped. EXPLAIN is a struct explain. */
void explain_skip(void *explain, uint64_t number, const char *why);

/**
 * Writes why FRAME was dropped with VERDICT: one line, without a line feed. If FRAME has no rest
 * and is longer than its contiguous part, it is the headers alone, and the line says what those
 * tell.
 */
void explain_drop(const struct frame *frame, enum verdict verdict, FILE *stream);

#endif
