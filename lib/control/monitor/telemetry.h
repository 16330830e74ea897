/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands under /udpechod/ of DPDK's telemetry, which dpdk-telemetry.py(1) sends. */
#ifndef UDPECHO_TELEMETRY_H
#define UDPECHO_TELEMETRY_H

#include "monitor/view.h"

struct captures;

/**
 * Registers the commands. They are about VIEW, and start and stop CAPTURES, until telemetry_stop().
 * A thread of DPDK answers them, if EAL runs its telemetry: it does with hugepages. A process has
 * one telemetry.
 */
void telemetry_start(const struct view *view, struct captures *captures);

/** Makes the commands fail from here on. */
void telemetry_stop(void);

#endif
