/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the doctor's findings, for people and for scripts. */
#ifndef UDPECHO_DOCTOR_PRINT_H
#define UDPECHO_DOCTOR_PRINT_H

#include <jansson.h>

#include "doctor/findings.h"

/** Writes the findings as text. */
void doctor_print(const struct doctor *doctor, FILE *stream);

/** The findings as JSON. The caller has to json_decref() it. */
json_t *doctor_json(const struct doctor *doctor);

#endif
