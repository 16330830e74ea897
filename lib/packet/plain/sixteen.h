/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What vector sets do with 16 bytes of a frame. What includes it has bytes_16, load_16(),
 * store_16(), and shuffle_16(), which puts the bytes of a vector into another order.
 */
#ifndef PACKET_PLAIN_SIXTEEN_H
#define PACKET_PLAIN_SIXTEEN_H

#include <string.h>

#include "frame.h"

/* The first 16 bytes of a plain frame for us, where they are the same in all such frames. */
static inline bytes_16 expected_head(const struct identity *identity)
{
	uint8_t head[16] = {[12] = ETH_TYPE_IPV4 >> 8, [14] = IPV4_VERSION << 4 | IPV4_IHL_MIN};

	memcpy(head, &identity->mac, sizeof(identity->mac));
	return load_16(head);
}

/* The bits of them that are compared: of the source MAC the group bit, and of the TOS none. */
static inline bytes_16 expected_head_mask(void)
{
	static const uint8_t compared[16] = {
		255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 255, 255, 255, 0};

	return load_16(compared);
}

/* The order of the first 16 bytes of a reply: both MACs change places. */
static inline bytes_16 turned_macs(void)
{
	static const uint8_t order[16] = {6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15};

	return load_16(order);
}

/* The order of the 16 bytes from PLAIN_ADDRESSES on: addresses and ports change places. */
static inline bytes_16 turned_ends(void)
{
	static const uint8_t order[16] = {4, 5, 6, 7, 0, 1, 2, 3, 10, 11, 8, 9, 12, 13, 14, 15};

	return load_16(order);
}

/* The last COUNT bytes of V in front, and zeros behind them: 128 is the index of no byte. */
static inline bytes_16 last_bytes(bytes_16 v, uint32_t count)
{
	static const uint8_t last[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128,
		128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128};

	return shuffle_16(v, load_16(last + 16 - count));
}

static inline void turn_frame(uint8_t *data)
{
	const bytes_16 head = load_16(data), ends = load_16(data + PLAIN_ADDRESSES);

	store_16(data, shuffle_16(head, turned_macs()));
	store_16(data + PLAIN_ADDRESSES, shuffle_16(ends, turned_ends()));
}

#endif
