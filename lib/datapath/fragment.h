/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts a reply that is too long for the link into fragments: RFC 791 2.3, 3.2. */
#ifndef UDPECHO_FRAGMENT_H
#define UDPECHO_FRAGMENT_H

#include <rte_mbuf.h>

/* The least MTU, 68 bytes (RFC 791 3.2), leaves 48 for data: 65,515 bytes need 1,365 fragments. */
#define FRAGMENTS_PER_REPLY_MAX 1365

/**
 * Copies REPLY, whose IPv4 header lies at OFFSET and has no options, to FRAGMENTS: new mbufs of
 * POOL, each with one segment and an IPv4 packet of at most MTU bytes. A reply that fits is copied
 * whole. Returns how many fragments there are, in the order of their offsets, or 0 if POOL has not
 * enough mbufs. REPLY itself stays as it is.
 */
unsigned int fragment_reply(const struct rte_mbuf *reply, uint32_t offset, uint32_t mtu,
	struct rte_mempool *pool, struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX]);

#endif
