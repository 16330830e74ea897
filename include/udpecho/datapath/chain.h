/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that lie in a chain of mbufs. */
#ifndef UDPECHO_CHAIN_H
#define UDPECHO_CHAIN_H

#include <rte_mbuf.h>

#include <udpecho/packet/packet.h>

/* The most segments of a frame that we read; bytes beyond them count as missing. */
#define CHAIN_SEGMENTS_MAX 128

/*
 * The bytes of a frame that are gathered in its first mbuf: all headers of IPv4, and of IPv6 with
 * 186 bytes of extension headers. No host sends more of these, and they count as missing.
 */
#define CHAIN_HEADERS_MAX 256

_Static_assert(CHAIN_HEADERS_MAX >= PACKET_HEADERS_MAX, "all that a verdict is about");

/** Moves bytes to the first mbuf of FRAME until it holds CHAIN_HEADERS_MAX, or all of them. */
void chain_pull_headers(struct rte_mbuf *frame);

/**
 * Lists the mbufs of FRAME behind the first in REST. Returns how many bytes these and the first
 * hold, which is the whole frame unless it has too many segments.
 */
uint32_t chain_list(const struct rte_mbuf *frame, struct segment rest[CHAIN_SEGMENTS_MAX]);

/**
 * Makes FRAME begin SKIP bytes behind its present first byte, and hold LENGTH bytes from there on.
 * The new first byte must lie in the first mbuf; if SKIP is negative, in its headroom. Mbufs that
 * are not needed any more are freed.
 */
void chain_trim(struct rte_mbuf *frame, int skip, uint32_t length);

#endif
