/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP server: /metrics and /healthz, in a thread of its own. */
#ifndef UDPECHO_HTTP_H
#define UDPECHO_HTTP_H

#include <udpecho/control/appliance.h>

/**
 * Serves where the configuration says; does nothing where it does not. 0, or -errno with an error.
 * To be called once all that the metrics are of is there.
 */
int http_start(struct appliance *appliance, struct error *error);

/** Answers what is being asked, and serves no more. */
void http_stop(struct appliance *appliance);

#endif
