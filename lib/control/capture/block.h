/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the copy of a frame into a block of a pcapng file. A comment in it says the verdict. */
#ifndef UDPECHO_CAPTURE_BLOCK_H
#define UDPECHO_CAPTURE_BLOCK_H

#include <rte_mbuf.h>

#include <udpecho/control/clock.h>

#include "capture/pcapng_write.h"

/** Returns how many bytes a block needs that holds SNAPLEN bytes of a frame, or what is no frame.
 */
size_t capture_block_room(uint32_t snaplen);

/** Makes the block of the interface that is PORT. Returns false if BLOCK has no room. */
bool capture_block_interface(struct pcapng_block *block, uint16_t port);

/**
 * Makes the block of COPY, which has a struct capture_note, and was seen at the file's INTERFACE.
 * NOW is a moment shortly after the copy, by the wall clock; the TSC has HZ ticks in a second.
 * Returns false if BLOCK has no room.
 */
bool capture_block_make(struct pcapng_block *block, uint32_t interface, struct rte_mbuf *copy,
	const struct clock_point *now, double hz);

#endif
