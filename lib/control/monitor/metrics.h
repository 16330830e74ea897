/* SPDX-License-Identifier: BSD-3-Clause */
/* What a monitoring system asks: figures, and whether all is well. */
#ifndef UDPECHO_METRICS_H
#define UDPECHO_METRICS_H

#include <stdio.h>

#include <udpecho/control/appliance.h>

/**
 * Writes all counters and states of a running appliance in Prometheus's text format, 0.0.4. From
 * any thread: the workers' counters are read as they are, and cost them nothing.
 */
void metrics_write(const struct appliance *appliance, FILE *stream);

/** Writes a line for each thing that is not well; true: there was none. From any thread. */
bool metrics_check_health(const struct appliance *appliance, FILE *stream);

#endif
