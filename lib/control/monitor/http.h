/* SPDX-License-Identifier: BSD-3-Clause */
/* The HTTP server, in a thread of its own: the status page, /status.json, /metrics and /healthz. */
#ifndef UDPECHO_HTTP_H
#define UDPECHO_HTTP_H

#include "monitor/view.h"

struct http {
	const struct view *view;
	struct MHD_Daemon *daemon; /* NULL: no server runs */
	struct connections *connections;
};

/**
 * Starts the server of VIEW if its configuration has an address for it. The workers and devices,
 * which the metrics read, must exist. Returns 0, or -errno with an error.
 */
int http_start(struct http *http, const struct view *view, struct error *error);

/** Answers the requests that have come, and stops the server. */
void http_stop(struct http *http);

#endif
