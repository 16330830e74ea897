/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keeps EAL's, the drivers' and their libraries' chatter off standard error while devices are
 * brought up and down, and remembers its last line: often it alone knows why something failed.
 */
#ifndef UDPECHO_HUSH_H
#define UDPECHO_HUSH_H

#include <stdbool.h>

/** From now on standard error goes to a buffer. Without effect where WANTED is false. */
void hush_begin(bool wanted);

/** Gives standard error back, and forgets what the buffer holds. */
void hush_end(void);

/**
 * The last line that was said since hush_begin(), without its "EAL: " and the like; OTHERWISE
 * where nothing was. Valid until the next call.
 */
const char *hush_why(const char *otherwise);

#endif
