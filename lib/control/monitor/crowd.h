/* SPDX-License-Identifier: BSD-3-Clause */
/* Who makes room when the monitor has more connections than it wants: the oldest. */
#ifndef UDPECHO_CROWD_H
#define UDPECHO_CROWD_H

#include <microhttpd.h>

#define CROWD_MAX 32 /* connections that are kept */

struct crowd;

/** NULL: no memory. Its daemon is to have one thread, and room for twice CROWD_MAX. */
struct crowd *crowd_create(void);

/**
 * For MHD_OPTION_NOTIFY_CONNECTION, with the crowd as CROWD. A connection that is one too many has
 * the oldest one shut down: of its own address, where this has more than half of them; so neither
 * who holds connections open, from whatever address, nor who opens many keeps others from asking.
 */
void crowd_notify(void *crowd, struct MHD_Connection *connection, void **guest,
	enum MHD_ConnectionNotificationCode code);

/** After its daemon has ended. NULL is allowed. */
void crowd_free(struct crowd *crowd);

#endif
