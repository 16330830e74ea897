/* SPDX-License-Identifier: BSD-3-Clause */
/* A copy of a frame as a block of a pcapng file, with a comment that says what became of it. */
#ifndef UDPECHO_CAPTURE_BLOCK_H
#define UDPECHO_CAPTURE_BLOCK_H

#include <stdint.h>

#include <rte_mbuf.h>

#include <udpecho/control/clock.h>

/** Bytes that an mbuf of copies, and one of blocks, needs for frames of SNAPLEN bytes. */
uint32_t capture_block_room(uint32_t snaplen);

/**
 * The block of COPY, which has a struct capture_note, from POOL: for rte_pcapng_write_packets().
 * NOW is a moment not long after it, by the clock on the wall, HZ the ticks in a second. NULL: no
 * memory.
 */
struct rte_mbuf *capture_block_make(
	struct rte_mbuf *copy, struct rte_mempool *pool, const struct clock_point *now, double hz);

#endif
