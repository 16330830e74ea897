/* SPDX-License-Identifier: BSD-3-Clause */
/* The report as JSON, of a stopped or a running appliance. */
#ifndef UDPECHO_REPORT_JSON_H
#define UDPECHO_REPORT_JSON_H

#include <jansson.h>

#include "monitor/view.h"

/** Makes the report so far. The caller frees it with json_decref(). Any thread may call it. */
json_t *report_json(const struct view *view);

#endif
