/* SPDX-License-Identifier: BSD-3-Clause */
/* Searches for the largest datagram that echoes in one piece. */
#ifndef UDPECHO_CLIENT_MTU_H
#define UDPECHO_CLIENT_MTU_H

#include "options.h"

/**
 * Finds, for each host, the largest datagram that reaches it without being fragmented, and comes
 * back (RFC 4821 calls this searching). Prints a line for each size that it tries, and the result.
 */
enum status mtu_run(const struct options *options);

#endif
