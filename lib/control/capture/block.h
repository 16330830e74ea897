/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the copy of a frame into a block of a pcapng file. A comment in it says the verdict. */
#ifndef UDPECHO_CAPTURE_BLOCK_H
#define UDPECHO_CAPTURE_BLOCK_H

#include <stdint.h>

#include <rte_mbuf.h>

#include <udpecho/control/clock.h>

/** Returns how many bytes an mbuf needs to hold a copy of SNAPLEN bytes, or its block. */
uint32_t capture_block_room(uint32_t snaplen);

/**
 * Makes a block for rte_pcapng_write_packets() of COPY, which has a struct capture_note, in an mbuf
 * from POOL. NOW is a moment shortly after the copy, by the wall clock; the TSC has HZ ticks in a
 * second. Returns NULL if there is no memory.
 */
struct rte_mbuf *capture_block_make(
	struct rte_mbuf *copy, struct rte_mempool *pool, const struct clock_point *now, double hz);

#endif
