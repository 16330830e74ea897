/* SPDX-License-Identifier: BSD-3-Clause */
/* The results for a person: a summary of each host. */
#ifndef UDPECHO_CLIENT_RESULTS_TEXT_H
#define UDPECHO_CLIENT_RESULTS_TEXT_H

#include "run.h"

/** Prints the summary of each host, the pace of a load or a window, and the bottleneck, if any. */
enum status results_text(const struct engine *engine);

#endif
