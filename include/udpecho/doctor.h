/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks a machine: what is fine, what costs speed, and what prevents a start. */
#ifndef UDPECHO_DOCTOR_H
#define UDPECHO_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

/**
 * Checks this machine and each device of CONFIG, or each NIC if CONFIG has no device, and writes
 * its findings in the configured format. It only reads, and needs no privilege. PREVENTED: whether
 * something that it found prevents a start. 0, or -errno.
 */
int doctor_report(const struct config *config, FILE *stream, bool *prevented, struct error *error);

#endif
