/* SPDX-License-Identifier: BSD-3-Clause */
/* Cuts replies that are too long for the link into fragments: RFC 791 2.3, 3.2. */
#ifndef UDPECHO_FRAGMENT_H
#define UDPECHO_FRAGMENT_H

#include <rte_mbuf.h>

/* The least MTU of IPv4, 68 bytes (RFC 791 3.2), leaves 48 for data: 65,515 bytes are 1,365. */
#define FRAGMENTS_PER_REPLY_MAX 1365

/**
 * Copies REPLY, whose IPv4 header lies at OFFSET and has no options, into new mbufs of POOL, of one
 * segment and at most MTU bytes of IPv4 packet each. Returns how many, in the order of their
 * offsets, or 0 where the pool is exhausted; then none is left. REPLY itself stays as it is.
 */
unsigned int fragment_reply(const struct rte_mbuf *reply, uint32_t offset, uint32_t mtu,
	struct rte_mempool *pool, struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX]);

#endif
