/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers a monitoring system: with figures, and with whether all is well. */
#ifndef UDPECHO_METRICS_H
#define UDPECHO_METRICS_H

#include <stdio.h>

#include "monitor/view.h"

/**
 * Writes all counters and states of a running appliance in Prometheus's text format, 0.0.4. Any
 * thread may call it. It reads the workers' counters as they are, and costs the workers nothing.
 */
void metrics_write(const struct view *view, FILE *stream);

/** Writes a line for each fault. Returns true if there is none. Any thread may call it. */
bool metrics_check_health(const struct view *view, FILE *stream);

#endif
