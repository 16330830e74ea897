/* SPDX-License-Identifier: BSD-3-Clause */
/* What the doctor found, for people and for scripts. */
#ifndef UDPECHO_DOCTOR_PRINT_H
#define UDPECHO_DOCTOR_PRINT_H

#include <jansson.h>

#include "doctor/findings.h"

/** Writes what was found, as text for a person. */
void doctor_print(const struct doctor *doctor, FILE *stream);

/** What was found, for scripts; the caller's to json_decref(). */
json_t *doctor_json(const struct doctor *doctor);

#endif
