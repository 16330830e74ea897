/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel's routes, of all of its tables: rtnetlink(7). */
#ifndef UDPECHO_ROUTE_H
#define UDPECHO_ROUTE_H

#include <stdbool.h>

/**
 * Whether a default route of this network namespace, of IPv4 or IPv6 and of whatever table, goes
 * out through INTERFACE, if only as one of several ways.
 */
bool route_is_default(const char *interface);

/** Whether packets to HOST, an address in text of either family, go out through INTERFACE. */
bool route_leads_to(const char *interface, const char *host);

#endif
