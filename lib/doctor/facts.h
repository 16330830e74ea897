/* SPDX-License-Identifier: BSD-3-Clause */
/* What a script has to know of each NIC. */
#ifndef UDPECHO_DOCTOR_FACTS_H
#define UDPECHO_DOCTOR_FACTS_H

#include <jansson.h>

#include "doctor/findings.h"

/** An object for each NIC among the subjects, as udpechod(8) has it. */
json_t *facts_json(const struct doctor *doctor);

#endif
