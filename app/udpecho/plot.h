/* SPDX-License-Identifier: BSD-3-Clause */
/* Draws a measurement: latency over time, and its distribution. */
#ifndef UDPECHO_CLIENT_PLOT_H
#define UDPECHO_CLIENT_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "histogram.h"
#include "output.h"
#include "series.h"

/** Whether PATH ends in .svg or .png. */
bool plot_has_format(const char *path);

/**
 * Draws SERIES, and the distribution of LATENCY below it, to FILE, in the format that its PATH ends
 * in. Whoever closes FILE has to check whether it was written.
 */
enum status plot_write(FILE *file, const char *path, const char *title, const struct series *series,
	const struct histogram *latency);

#endif
