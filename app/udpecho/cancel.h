/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SIGINT and SIGTERM cancel what the program does.
 *
 * Both signals are blocked, so that none is lost between a check and a wait. There are two places
 * where they are let through. A ppoll() with cancel_mask() lets them interrupt it; cancel_status()
 * then says which signal came. Around calls that block and cannot be polled, such as the
 * resolver's, the signal's handler itself reports the signal and ends the program.
 */
#ifndef UDPECHO_CLIENT_CANCEL_H
#define UDPECHO_CLIENT_CANCEL_H

#include <signal.h>

#include "exit.h"

/** Blocks both signals, and installs the handler. Call it once, before anything that may block. */
void cancel_setup(void);

/** From here on a signal ends the program at once, and reports that it interrupted WHAT. */
void cancel_at_once(const char *what);

/** From here on signals wait for the next ppoll() again. */
void cancel_in_order(void);

/** The signal mask for a ppoll() that a signal may interrupt. */
const sigset_t *cancel_mask(void);

/** STATUS_DONE, or, once a signal has arrived, the exit status that it asks for. */
enum status cancel_status(void);

/** The word for such a status, as a message gives it: "interrupted" or "terminated". */
const char *cancel_word(enum status status);

#endif
