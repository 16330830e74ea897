/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts a reply that is too long for the link into fragments: RFC 791 2.3, 3.2, RFC 8200 4.5. */
#ifndef UDPECHO_FRAGMENT_H
#define UDPECHO_FRAGMENT_H

#include <rte_mbuf.h>

/* The least MTU, 68 bytes (RFC 791 3.2), leaves 48 for data: 65,515 bytes need 1,365 fragments. */
#define FRAGMENTS_PER_REPLY_MAX 1365

/**
 * Copies REPLY, whose IP header lies at OFFSET and has no options or extension headers, to
 * FRAGMENTS: new mbufs of POOL, each with one segment and a packet of at most MTU bytes, 1,280 or
 * more for IPv6. IDENTIFICATION is for IPv6; an IPv4 packet has its own. A reply that fits is
 * copied whole. Returns how many fragments there are, in the order of their offsets, or 0 if POOL
 * has not enough mbufs. REPLY itself stays as it is.
 */
unsigned int fragment_reply(const struct rte_mbuf *reply, uint32_t offset, uint32_t mtu,
	struct rte_mempool *pool, uint32_t identification,
	struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX]);

#endif
