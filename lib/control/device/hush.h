/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keeps the messages of EAL, drivers and libraries off the terminal while devices open and close.
 * It remembers them, because often only they say why something failed. File descriptors 1 and 2
 * must be open.
 */
#ifndef UDPECHO_HUSH_H
#define UDPECHO_HUSH_H

#include <stdbool.h>

/**
 * Sends standard error to a buffer, and standard output nowhere. If WANTED is false, it sends
 * standard output to standard error, which stays as it is.
 */
void hush_begin(bool wanted);

/** Gives both streams back, and empties the buffer. Without hush_begin() it does nothing. */
void hush_end(void);

/** Marks that something new begins. Earlier messages do not say why it fails. */
void hush_mark(void);

/**
 * Returns the first message since hush_mark(), without "EAL: " and the like, or OTHERWISE if there
 * is none. It is valid until the next call.
 */
const char *hush_why(const char *otherwise);

#endif
