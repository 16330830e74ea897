/* SPDX-License-Identifier: BSD-3-Clause */
/* All checks, one after the other. */
#ifndef UDPECHO_DOCTOR_EXAMINE_H
#define UDPECHO_DOCTOR_EXAMINE_H

#include "doctor/findings.h"

extern const struct machine doctor_this_machine;

/* What a check is about, and so when it is made. */
enum doctor_scope {
	DOCTOR_MACHINE, /* always */
	DOCTOR_NICS,    /* the machine, where a NIC is wanted */
	DOCTOR_XDP,     /* the machine, where AF_XDP is wanted */
	DOCTOR_CORES,   /* the machine, where something polls */
	DOCTOR_NIC,     /* a NIC by its PCI address */
	DOCTOR_INTERFACE,
	DOCTOR_HARDWARE, /* a NIC, or an interface that is one */
	DOCTOR_TAP,
};

/** Looks at MACHINE as CONFIG wants to use it, and fills DOCTOR. */
void doctor_examine(
	struct doctor *doctor, const struct machine *machine, const struct config *config);

#endif
