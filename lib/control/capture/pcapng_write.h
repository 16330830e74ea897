/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes the blocks of a pcapng file of Ethernet frames (draft-ietf-opsawg-pcapng), in the byte
 * order of this machine, with times in nanoseconds. DPDK's rte_pcapng.h changes from release to
 * release: its times are ticks in some and nanoseconds in others.
 */
#ifndef UDPECHO_PCAPNG_WRITE_H
#define UDPECHO_PCAPNG_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The most that a packet's block adds to its bytes and to its comment. */
#define PCAPNG_PACKET_OVERHEAD 80

/* The block that was made last. */
struct pcapng_block {
	uint8_t *bytes;
	size_t room; /* bytes that the caller gives */
	size_t length;
};

/* Where frames are captured. What is NULL or 0 is unknown. */
struct pcapng_place {
	const char *name, *hardware;
	const uint8_t *mac;
	uint64_t speed; /* bits in a second */
};

struct pcapng_frame {
	uint32_t interface; /* the number of its block in the file, from 0 */
	uint32_t queue;
	uint64_t ns;               /* since 1970 */
	uint32_t captured, length; /* bytes that DATA has, and that the frame had */
	const uint8_t *data;
	bool is_sent;
	const uint32_t *rss_hash; /* by Toeplitz's function; NULL: there is none */
	const char *comment;
};

/* Each returns false if BLOCK has no room. */

/** Makes the first block of a file: what made it, and a comment, or NULL. */
bool pcapng_make_section(struct pcapng_block *block, const char *application, const char *comment);

/** Makes the block of an interface. */
bool pcapng_make_interface(struct pcapng_block *block, const struct pcapng_place *place);

/** Makes the block of a frame. */
bool pcapng_make_packet(struct pcapng_block *block, const struct pcapng_frame *frame);

/** Makes a block that says at time NS how many frames INTERFACE received, and how many it dropped.
 */
bool pcapng_make_statistics(struct pcapng_block *block, uint32_t interface, uint64_t ns,
	uint64_t received, uint64_t dropped);

/** Writes the whole of BLOCK to DESCRIPTOR. Returns 0, or -errno. */
int pcapng_write(int descriptor, const struct pcapng_block *block);

#endif
