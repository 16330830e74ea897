/* SPDX-License-Identifier: BSD-3-Clause */
/* A host that stands in for this one: what its kernel says that no file does. */
#ifndef UNIT_DOCTOR_HOST_H
#define UNIT_DOCTOR_HOST_H

#include "doctor_cases.h"

/** Makes MACHINE the host of ROW, whose files are under ROOT. There is one at a time. */
void doctor_host(struct machine *machine, const struct doctor_case *row, const char *root);

#endif
