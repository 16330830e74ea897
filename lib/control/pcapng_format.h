/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers of the pcapng format (draft-ietf-opsawg-pcapng) that its reader and its writer share. */
#ifndef UDPECHO_PCAPNG_FORMAT_H
#define UDPECHO_PCAPNG_FORMAT_H

#define PCAPNG_BYTE_ORDER_MAGIC 0x1a2b3c4d
#define PCAPNG_LINK_ETHERNET    1

enum pcapng_block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

/* The numbers of options are each block's own, but for the first two. */
enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_MAC = 6,
	INTERFACE_SPEED = 8,
	INTERFACE_RESOLUTION = 9, /* if_tsresol */
	INTERFACE_OFFSET = 14,    /* if_tsoffset */
	INTERFACE_HARDWARE = 15,
	PACKET_FLAGS = 2,
	PACKET_HASH = 3,
	PACKET_QUEUE = 6,
	STATISTICS_RECEIVED = 4,
	STATISTICS_DROPPED = 5,
};

#endif
