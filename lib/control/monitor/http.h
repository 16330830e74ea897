/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP server, in a thread of its own: the status page, /status.json, /metrics and /healthz. */
#ifndef UDPECHO_HTTP_H
#define UDPECHO_HTTP_H

#include <udpecho/control/appliance.h>

/**
 * Starts the server if the configuration has an address for it. The workers and devices, which the
 * metrics read, must exist. Returns 0, or -errno with an error.
 */
int http_start(struct appliance *appliance, struct error *error);

/** Answers the requests that have come, and stops the server. */
void http_stop(struct appliance *appliance);

#endif
