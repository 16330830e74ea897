/* SPDX-License-Identifier: BSD-3-Clause */
/* Follows changes of the interfaces that udpechod runs on. */
#ifndef UDPECHO_CONTROL_CHANGES_H
#define UDPECHO_CONTROL_CHANGES_H

#include "watch/watch.h"

/**
 * Starts to listen. Call it before any device is opened, so that it misses no change. If it can't
 * listen, changes_follow() asks for each interface instead.
 */
void changes_begin(struct watch *watch);

/**
 * Logs that the kernel may hand over several datagrams of device number INDEX as one frame, if it
 * may: see VERDICT_ETH_SUPERFRAME. The device must be open.
 */
void changes_expect_superframes(struct watch *watch, unsigned int index);

/**
 * Follows changes of MTU, MAC and name of each interface. If the number of queues has changed, it
 * logs that udpechod needs a restart. Of several changes it logs the first at once, and the last as
 * soon as log_may() allows. The main thread calls it. NOW is in seconds.
 */
void changes_follow(struct watch *watch, double now);

/** Stops listening. */
void changes_end(struct watch *watch);

#endif
