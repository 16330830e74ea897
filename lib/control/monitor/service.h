/* SPDX-License-Identifier: BSD-3-Clause */
/* What systemd is told, sd_notify(3), where it started the appliance. Nothing, where it did not. */
#ifndef UDPECHO_SERVICE_H
#define UDPECHO_SERVICE_H

#include "monitor/view.h"

/** It is not there yet, but at work on it: it may take another while. */
void service_starting(void);

/**
 * Tells what watch_all() saw at time NOW, in seconds: that it is ready, once each
 * worker turns and the state of each link is known; from then on that it is alive, as long as every
 * worker turns, and now and then how it is.
 */
void service_tell(const struct view *view, double now);

/** It begins to read its configuration again. */
void service_reloading(void);

/** It has. WHY it goes on as before; NULL: it goes by the new one. */
void service_reloaded(const char *why);

/** It ends. */
void service_stopping(void);

#endif
