/* SPDX-License-Identifier: BSD-3-Clause */
/* The doctor says of a machine what is fine, what costs speed, and what prevents a start. */
#ifndef UDPECHO_DOCTOR_H
#define UDPECHO_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

/**
 * Checks this machine and each device of CONFIG, or each NIC if CONFIG has no device, and writes
 * its findings to STREAM in the configured format. It only reads, and needs no privilege. PREVENTED
 * says whether a finding prevents a start. Returns 0, or -errno with ERROR.
 */
int doctor_report(const struct config *config, FILE *stream, bool *prevented, struct error *error);

#endif
