/* SPDX-License-Identifier: BSD-3-Clause */
/* What somebody changes about an interface while udpechod runs on it. */
#ifndef UDPECHO_CONTROL_CHANGES_H
#define UDPECHO_CONTROL_CHANGES_H

#include "watch/watch.h"

/**
 * Begins to listen, before any device is opened, so that nothing is missed. Where the kernel tells
 * nothing, interfaces are asked instead, each time.
 */
void changes_begin(struct watch *watch);

/**
 * Says of device number INDEX, which is open, where the kernel may hand several datagrams over as
 * one frame: see VERDICT_ETH_SUPERFRAME.
 */
void changes_expect_superframes(struct watch *watch, unsigned int index);

/**
 * Compares each interface with what its device was opened as. Its MTU and its MAC are followed, and
 * so is its name; another number of queues is said, and wants a restart. The log says the first of
 * several changes at once, and the last as soon as it may: log_may(). By the main thread; NOW is in
 * seconds.
 */
void changes_follow(struct watch *watch, double now);

/** Listens no more. */
void changes_end(struct watch *watch);

#endif
