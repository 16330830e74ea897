/* SPDX-License-Identifier: BSD-3-Clause */
/* A picture of a measurement: latency over time, and how it is distributed. */
#ifndef UDPECHO_CLIENT_PLOT_H
#define UDPECHO_CLIENT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "histogram.h"
#include "output.h"
#include "series.h"

/** Whether PATH ends as one of the formats does: .svg or .png. */
bool plot_has_format(const char *path);

/**
 * Draws LATENCY, and SERIES above it, to FILE, in the format of its PATH. What cannot be written is
 * seen when the file is closed.
 */
enum status plot_write(FILE *file, const char *path, const char *title, const struct series *series,
	const struct histogram *latency);

#endif
