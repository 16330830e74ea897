/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers many plain frames at once. Nearly every frame that an echo server receives is plain: it
 * has no tag, no option and no error, is no fragment, lies in one buffer, and its datagram fills
 * the packet.
 *
 * A variant answers plain frames with one instruction set. It has no semantics of its own: it
 * treats each frame that it takes as packet_read() and udp_write_to() would, byte for byte, and
 * they treat the frames that it leaves. So a variant may leave any frame, but must not take one
 * that they would drop.
 */
#ifndef UDPECHO_PLAIN_H
#define UDPECHO_PLAIN_H

#include <udpecho/packet/identity.h>

#define PLAIN_FRAMES_MAX 32 /* the bits of a set */

/* Frames, and what read() notes about them for write(). In a set, bit i stands for frame i. */
struct plain_frames {
	unsigned int count;
	uint32_t mtu; /* bytes; a longer packet is not plain, as its reply has to be fragmented */
	uint32_t verified; /* the set of frames whose UDP checksum the device has found good */
	uint32_t padded;   /* the set of frames with padding, which their replies have not */
	uint8_t *data[PLAIN_FRAMES_MAX];
	uint32_t length[PLAIN_FRAMES_MAX];       /* bytes; 0: not plain, to be left */
	uint32_t reply_length[PLAIN_FRAMES_MAX]; /* bytes; of taken frames */
	uint32_t reply_ttl[PLAIN_FRAMES_MAX];    /* TTL, protocol and checksum, as in memory */
};

/* The plain path with one instruction set. */
struct variant {
	const char *name;
	unsigned int bits;  /* of a vector, or of a word */
	unsigned int least; /* frames; with fewer, its vectors cost more than they save */
	/**
	 * Returns the set of frames that it takes: they are plain, and packet_read() would give
	 * them VERDICT_UDP_ECHO. It changes no byte of a frame. It may leave frames of less than
	 * 46 bytes, which only virtual links carry. NULL in the reference, which takes no frame.
	 */
	uint32_t (*read)(const struct identity *identity, struct plain_frames *frames);
	/** Turns the frames in SET, which read() took, into replies, as udp_write_to() does. */
	void (*write)(const struct plain_frames *frames, uint32_t set);
};

/**
 * The variants that this program was built with, the one with the fewest bits first, and their
 * number in COUNT. The first has no bits: it leaves all frames to the reference. The caller must
 * check that the CPU has the instructions of a variant before it uses it.
 */
const struct variant *plain_variants(unsigned int *count);

/** The variant to use for COUNT frames: VARIANT, or the scalar one if they are too few for it. */
const struct variant *plain_variant_for(const struct variant *variant, unsigned int count);

/**
 * The set of frames that VARIANT takes, without those from a source that the access list denies.
 * Bit i stands for frame i.
 */
uint32_t plain_read(const struct variant *variant, const struct identity *identity,
	struct plain_frames *frames);

/** The source address of the plain frame at DATA. */
struct ip_address plain_source(const uint8_t *data);

#endif
