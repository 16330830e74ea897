/* SPDX-License-Identifier: BSD-3-Clause */
/* The captures of a run: one at a time runs, and file.h starts and stops it. */
#ifndef UDPECHO_CAPTURES_H
#define UDPECHO_CAPTURES_H

#include "runtime/runtime.h"

struct capture_session;

struct captures {
	const struct runtime *runtime; /* which receives and sends the frames */
	struct capture_session *last;  /* NULL if there was none */
	struct capture_session *held; /* ended captures whose taps a stalled worker may still use */
};

#endif
