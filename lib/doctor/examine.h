/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs all checks. */
#ifndef UDPECHO_DOCTOR_EXAMINE_H
#define UDPECHO_DOCTOR_EXAMINE_H

#include "doctor/findings.h"

extern const struct machine doctor_this_machine;

/* What a check looks at, and when it runs. */
enum doctor_scope {
	DOCTOR_MACHINE, /* the machine, always */
	DOCTOR_NICS,    /* the machine, if the configuration has a NIC */
	DOCTOR_XDP,     /* the machine, if the configuration has an AF_XDP device */
	DOCTOR_CORES,   /* the machine, if some device is live, so that cores poll */
	DOCTOR_NIC,     /* a NIC by its PCI address */
	DOCTOR_INTERFACE,
	DOCTOR_HARDWARE, /* a NIC, or the interface of one */
	DOCTOR_TAP,
};

/** Fills DOCTOR with what it finds on MACHINE for CONFIG. */
void doctor_examine(
	struct doctor *doctor, const struct machine *machine, const struct config *config);

#endif
