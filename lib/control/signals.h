/* SPDX-License-Identifier: BSD-3-Clause */
/* The signals that tell the appliance something: SIGINT and SIGTERM to stop, SIGHUP to reload. */
#ifndef UDPECHO_SIGNALS_H
#define UDPECHO_SIGNALS_H

#include <stdbool.h>
#include <time.h>

#include <udpecho/control/error.h>

/** Holds them, in this thread and all that it makes, for signals_wait(). */
void signals_hold(void);

/** The one that came, or comes within PATIENCE; negative: none. */
int signals_wait(const struct timespec *patience);

/** Whether one came that says to stop, and waits to be taken. */
bool signals_say_stop(void);

/** Of a struct pulse, whose caller may be anybody. -ECANCELED: one came that says to stop. */
int signals_beat(void *caller, struct error *error);

#endif
