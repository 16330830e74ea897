/* SPDX-License-Identifier: BSD-3-Clause */
/* What the machine has for an appliance: what is fine, what costs speed, what prevents it. */
#ifndef UDPECHO_DOCTOR_H
#define UDPECHO_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

/**
 * Looks at this machine, and at each device of CONFIG or, where there is none, at each NIC, and
 * writes what it found in the configured format. It reads only, and needs no privilege.
 * PREVENTED: whether something found prevents the appliance from running. 0, or -errno.
 */
int doctor_report(const struct config *config, FILE *stream, bool *prevented, struct error *error);

#endif
