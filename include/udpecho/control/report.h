/* SPDX-License-Identifier: BSD-3-Clause */
/* The final report: the frames received, their verdicts, and the frames sent. */
#ifndef UDPECHO_REPORT_H
#define UDPECHO_REPORT_H

#include <stdio.h>

#include <udpecho/control/appliance.h>

/** Writes the report of a stopped appliance in the configured format. Returns 0, or -errno. */
int report_write(struct appliance *appliance, FILE *stream, struct error *error);

#endif
