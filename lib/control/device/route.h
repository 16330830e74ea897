/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the routes in all tables of the kernel: rtnetlink(7). */
#ifndef UDPECHO_ROUTE_H
#define UDPECHO_ROUTE_H

#include <stdbool.h>

/**
 * Returns whether a default route of this network namespace, IPv4 or IPv6, in any table, goes
 * through INTERFACE, or through it as one of several next hops.
 */
bool route_is_default(const char *interface);

/** Returns whether packets to HOST, the text of an IPv4 or IPv6 address, go through INTERFACE. */
bool route_leads_to(const char *interface, const char *host);

#endif
