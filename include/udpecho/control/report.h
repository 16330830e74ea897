/* SPDX-License-Identifier: BSD-3-Clause */
/* The final report: what came, what became of it, what went. */
#ifndef UDPECHO_REPORT_H
#define UDPECHO_REPORT_H

#include <stdio.h>

#include <udpecho/control/appliance.h>

/** Writes the report of a stopped appliance in the configured format; 0, or -errno. */
int report_write(struct appliance *appliance, FILE *stream, struct error *error);

#endif
