/* SPDX-License-Identifier: BSD-3-Clause */
/* Looks at the devices and the workers. The main thread does so while the workers work. */
#ifndef UDPECHO_LOOK_H
#define UDPECHO_LOOK_H

#include "watch/watch.h"

/**
 * Starts WATCH, and listens for changes of the interfaces that RUNTIME's configuration names. Call
 * it before runtime_open(), so that it misses none.
 */
void watch_begin(struct watch *watch, struct runtime *runtime);

/**
 * Looks at each live device and each worker at time NOW, in seconds, and logs and counts faults. It
 * announces the addresses of a device when its link comes up, and defends an address that another
 * station uses (RFC 5227 2.3, 2.4).
 */
void watch_all(struct watch *watch, double now);

/** Stops listening. */
void watch_end(struct watch *watch);

#endif
