/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * SIGINT and SIGTERM: how a person takes a request back.
 *
 * Both signals are blocked, so that none is lost between a check and a wait. They get through in
 * two places: in order, in a ppoll with cancel_mask(), after which cancel_status() says what came;
 * and at once, around calls that block and cannot be polled, such as the resolver, where the
 * handler itself reports and ends the program.
 */
#ifndef UDPECHO_CLIENT_CANCEL_H
#define UDPECHO_CLIENT_CANCEL_H

#include <signal.h>

#include "exit.h"

/** Takes over the signals. Called once, before anything that may block. */
void cancel_setup(void);

/** From here on a signal ends the program at once; its report says that it interrupted `what`. */
void cancel_at_once(const char *what);

/** From here on signals wait for a ppoll again. */
void cancel_in_order(void);

/** The signal mask for a ppoll that a signal may interrupt. */
const sigset_t *cancel_mask(void);

/** STATUS_DONE, or the status that the signal which arrived asks for. */
enum status cancel_status(void);

/** The word for such a status, as the reason in a report. */
const char *cancel_word(enum status status);

#endif
