/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands under /udpechod/ of DPDK's telemetry: dpdk-telemetry.py(1). */
#ifndef UDPECHO_TELEMETRY_H
#define UDPECHO_TELEMETRY_H

#include <udpecho/control/appliance.h>

/**
 * Has the commands speak of APPLIANCE, until telemetry_stop(). They are answered in a thread of
 * DPDK's, where EAL runs its telemetry at all: it does with hugepages. There is one for a process.
 */
void telemetry_start(struct appliance *appliance);

/** The commands fail from here on. */
void telemetry_stop(void);

#endif
