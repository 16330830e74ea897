/* SPDX-License-Identifier: BSD-3-Clause */
/* A picture of a measurement: latency over time, and how it is distributed. */
#ifndef UDPECHO_CLIENT_PLOT_H
#define UDPECHO_CLIENT_PLOT_H

#include <stdbool.h>

#include "histogram.h"
#include "report.h"
#include "series.h"

/** Whether PATH ends as one of the formats does: .svg or .png. */
bool plot_has_format(const char *path);

/** Draws LATENCY, and SERIES above it, to PATH. */
enum status plot_write(const char *path, const char *title, const struct series *series,
	const struct histogram *latency);

#endif
