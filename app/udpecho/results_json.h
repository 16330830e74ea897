/* SPDX-License-Identifier: BSD-3-Clause */
/* The results for scripts: udpecho(1) has the schema. */
#ifndef UDPECHO_CLIENT_RESULTS_JSON_H
#define UDPECHO_CLIENT_RESULTS_JSON_H

#include "run.h"

/** Prints all results as one JSON object. */
enum status results_json(const struct engine *engine);

#endif
