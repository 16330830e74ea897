/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keeps EAL's, the drivers' and their libraries' chatter off the terminal while devices are
 * brought up and down, and remembers it: often it alone knows why something failed. File
 * descriptors 1 and 2 must be open.
 */
#ifndef UDPECHO_HUSH_H
#define UDPECHO_HUSH_H

#include <stdbool.h>

/**
 * From now on standard error goes to a buffer, and output nowhere; where WANTED is false, output
 * goes to standard error, and that is as it was.
 */
void hush_begin(bool wanted);

/** Gives both back, and forgets what the buffer holds; nothing, where hush_begin() was not called.
 */
void hush_end(void);

/** Something new begins: what was said before is not why it fails. */
void hush_mark(void);

/**
 * The first complaint since hush_mark(), without its "EAL: " and the like; OTHERWISE where there
 * is none. Valid until the next call.
 */
const char *hush_why(const char *otherwise);

#endif
