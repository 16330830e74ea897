/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits the connections to the HTTP server: a new one ends the oldest if there are too many. */
#ifndef UDPECHO_CROWD_H
#define UDPECHO_CROWD_H

#include <microhttpd.h>

#define CROWD_MAX 32 /* connections that may stay open */

struct crowd;

/**
 * Makes a crowd for an HTTP daemon that has one thread and takes twice CROWD_MAX connections.
 * Returns NULL if there is no memory.
 */
struct crowd *crowd_create(void);

/**
 * Counts the connections; a callback for MHD_OPTION_NOTIFY_CONNECTION. A connection too many makes
 * it shut the oldest one down, or the oldest one from the same address if that address has more
 * than half of all. So no client that holds or opens many connections locks others out.
 */
void crowd_notify(void *crowd, struct MHD_Connection *connection, void **guest,
	enum MHD_ConnectionNotificationCode code);

/** Frees the crowd, after its daemon has stopped. NULL is allowed. */
void crowd_free(struct crowd *crowd);

#endif
