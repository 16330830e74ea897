/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that lie in a chain of mbufs. */
#ifndef UDPECHO_CHAIN_H
#define UDPECHO_CHAIN_H

#include <rte_mbuf.h>

#include <udpecho/packet/packet.h>

/* Segments of one frame that are looked at; what lies beyond them counts as missing. */
#define CHAIN_SEGMENTS_MAX 128

/** Moves bytes up into the first mbuf until it holds all headers that a verdict may need. */
void chain_pull_headers(struct rte_mbuf *frame);

/** Lists the mbufs behind the first; returns the bytes of the whole frame that are in reach. */
uint32_t chain_list(const struct rte_mbuf *frame, struct segment rest[CHAIN_SEGMENTS_MAX]);

/**
 * Makes the chain hold LENGTH bytes, the first of which is SKIP bytes behind its present first;
 * SKIP may be negative, into the headroom, and must lie in the first mbuf. The rest is freed.
 */
void chain_trim(struct rte_mbuf *frame, int skip, uint32_t length);

#endif
