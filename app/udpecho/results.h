/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of a measurement: while it runs, and in the end. */
#ifndef UDPECHO_CLIENT_RESULTS_H
#define UDPECHO_CLIENT_RESULTS_H

#include "run.h"

/** Begins to say of each datagram what the options want: lines of a ping, a CSV file. */
enum status results_begin(struct engine *engine);

/**
 * Ends what results_begin() began, prints the results, and gives the status that they call for:
 * STATUS_FAILED where nothing came back, something came back altered, or a limit was exceeded.
 */
enum status results_end(struct engine *engine);

#endif
