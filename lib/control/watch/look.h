/* SPDX-License-Identifier: BSD-3-Clause */
/* Has the main thread look at devices and workers, while the workers work. */
#ifndef UDPECHO_LOOK_H
#define UDPECHO_LOOK_H

#include "watch/watch.h"

/**
 * Begins to listen for changes of the interfaces of RUNTIME's configuration, before any of its
 * devices is opened.
 */
void watch_begin(struct watch *watch, struct runtime *runtime);

/**
 * Looks at each live device and each worker at time NOW, in seconds, and logs and counts what is
 * not as it should be. Announces the addresses of a device when its link comes up, and defends one
 * that another station uses (RFC 5227 2.3, 2.4).
 */
void watch_all(struct watch *watch, double now);

/** Listens no more. */
void watch_end(struct watch *watch);

#endif
