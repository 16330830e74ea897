/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as JSON: at the end, and of what is running. */
#ifndef UDPECHO_REPORT_JSON_H
#define UDPECHO_REPORT_JSON_H

#include <jansson.h>

#include <udpecho/control/appliance.h>

/** The report so far, or of the whole run; the caller's to json_decref(). From any thread. */
json_t *report_json(struct appliance *appliance);

#endif
