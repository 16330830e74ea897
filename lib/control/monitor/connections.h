/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits the connections to the HTTP server: a new one ends the oldest if there are too many. */
#ifndef UDPECHO_CONNECTIONS_H
#define UDPECHO_CONNECTIONS_H

#include <microhttpd.h>

#define CONNECTIONS_KEPT 32 /* connections that may stay open */

struct connections;

/**
 * Makes an empty list of connections. Its HTTP daemon must have one thread, and take twice
 * CONNECTIONS_KEPT connections. Returns NULL if there is no memory.
 */
struct connections *connections_create(void);

/**
 * Counts the connections; a callback for MHD_OPTION_NOTIFY_CONNECTION. A connection too many makes
 * it shut the oldest one down, or the oldest one from the same address if that address has more
 * than half of all. So no client that holds or opens many connections locks others out.
 */
void connections_notify(void *connections, struct MHD_Connection *connection, void **client,
	enum MHD_ConnectionNotificationCode code);

/** Frees the list, after its daemon has stopped. NULL is allowed. */
void connections_free(struct connections *connections);

#endif
