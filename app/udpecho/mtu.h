/* SPDX-License-Identifier: BSD-3-Clause */
/* The largest datagram that echoes in one piece. */
#ifndef UDPECHO_CLIENT_MTU_H
#define UDPECHO_CLIENT_MTU_H

#include "options.h"

/**
 * Finds, for each host, the largest datagram that comes back without having been fragmented on its
 * way there (RFC 4821 calls it searching): a line for each size that is tried, and the result.
 */
enum status mtu_run(const struct options *options);

#endif
