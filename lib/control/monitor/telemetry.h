/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands under /udpechod/ of DPDK's telemetry, which dpdk-telemetry.py(1) sends. */
#ifndef UDPECHO_TELEMETRY_H
#define UDPECHO_TELEMETRY_H

#include <udpecho/control/appliance.h>

/**
 * Registers the commands. They are about APPLIANCE until telemetry_stop(). A thread of DPDK answers
 * them, if EAL runs its telemetry: it does with hugepages. A process has one telemetry.
 */
void telemetry_start(struct appliance *appliance);

/** Makes the commands fail from here on. */
void telemetry_stop(void);

#endif
