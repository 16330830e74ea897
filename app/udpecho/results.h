/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints what a measurement finds, while it runs and at its end. */
#ifndef UDPECHO_CLIENT_RESULTS_H
#define UDPECHO_CLIENT_RESULTS_H

#include "run.h"

/** Opens the files, and begins to print each datagram as the options want: a ping's lines, CSV. */
enum status results_begin(struct engine *engine);

/**
 * Prints the results, closes the files, and returns the exit status. STATUS_FAILED: no reply came,
 * a reply was wrong, a limit was exceeded, or something could not be written.
 */
enum status results_end(struct engine *engine);

#endif
