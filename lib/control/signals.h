/* SPDX-License-Identifier: BSD-3-Clause */
/* The signals that tell the appliance something: SIGINT and SIGTERM to stop, SIGHUP to reload. */
#ifndef UDPECHO_SIGNALS_H
#define UDPECHO_SIGNALS_H

#include <time.h>

#include <udpecho/control/error.h>

/** Holds these signals for signals_wait(), in this thread and in all threads that it starts. */
void signals_hold(void);

/** Returns the signal that came, or comes within PATIENCE; or a negative number if none does. */
int signals_wait(const struct timespec *patience);

/**
 * Is the beat of a struct pulse; it does not use CALLER. Returns 0, or -ECANCELED if a signal that
 * says to stop has come. That signal stays for signals_wait().
 */
int signals_beat(void *caller, struct error *error);

#endif
