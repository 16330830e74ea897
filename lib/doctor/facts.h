/* SPDX-License-Identifier: BSD-3-Clause */
/* Facts about NICs, for scripts. */
#ifndef UDPECHO_DOCTOR_FACTS_H
#define UDPECHO_DOCTOR_FACTS_H

#include <jansson.h>

#include "doctor/findings.h"

/** A list with an object for each NIC among the subjects, as udpechod(8) describes it. */
json_t *facts_json(const struct doctor *doctor);

#endif
