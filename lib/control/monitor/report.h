/* SPDX-License-Identifier: BSD-3-Clause */
/* The final report: the frames received, their verdicts, and the frames sent. */
#ifndef UDPECHO_REPORT_H
#define UDPECHO_REPORT_H

#include <stdio.h>

#include "monitor/view.h"

/** Writes the report of VIEW, whose runtime has stopped, in the configured format. Returns 0, or
 * -errno. */
int report_write(const struct view *view, FILE *stream, struct error *error);

#endif
