/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many plain frames at once. Plain is what nearly every frame on an echo server's wire is: no tag,
 * no option, no fragment, one buffer, a datagram that fills its packet, and nothing wrong with it.
 *
 * A variant answers plain frames with one instruction set. It has no semantics of its own: what it
 * takes, it treats as packet_read() and udp_write_to() would, byte for byte; whatever it does
 * not take goes to them. So it may leave out any frame, but never take one that they would drop.
 */
#ifndef UDPECHO_PLAIN_H
#define UDPECHO_PLAIN_H

#include <udpecho/packet/identity.h>

#define PLAIN_FRAMES_MAX 32 /* as many as there are bits in a set */

/* Frames, and what plain_read() leaves of them for plain_write(). */
struct plain_frames {
	unsigned int count;
	uint32_t mtu;      /* a packet that is longer is not plain: its reply goes in fragments */
	uint32_t verified; /* set of those whose UDP checksum the device has found good */
	uint32_t padded;   /* set of those whose reply is shorter; where it was taken */
	uint8_t *data[PLAIN_FRAMES_MAX];
	uint32_t length[PLAIN_FRAMES_MAX];       /* bytes; 0: not plain, to be left alone */
	uint32_t reply_length[PLAIN_FRAMES_MAX]; /* bytes; where it was taken */
	uint32_t reply_ttl[PLAIN_FRAMES_MAX];    /* TTL, protocol and checksum, as they lie */
};

/* An instruction set. */
struct variant {
	const char *name;
	unsigned int bits;  /* of its vectors, or words */
	unsigned int least; /* of fewer frames its vectors are not worth while */
	/**
	 * The set of those frames, bit i for frame i, for which packet_read() would give
	 * VERDICT_UDP_ECHO, and that are plain. No byte has changed. Frames shorter than 46
	 * bytes, which only virtual links carry, may be left out. NULL in the reference, which
	 * takes none.
	 */
	uint32_t (*read)(const struct identity *identity, struct plain_frames *frames);
	/** Turns the frames of SET, which read() gave, into their replies, as udp_write_to(). */
	void (*write)(const struct plain_frames *frames, uint32_t set);
};

/**
 * The variants that this program was built with, fewest bits first: the first has none, and leaves
 * all to the reference. COUNT is how many. Whether the CPU has the instructions is the caller's to
 * find out.
 */
const struct variant *plain_variants(unsigned int *count);

/** The variant for COUNT frames: VARIANT, or where they are too few for it, the scalar one. */
const struct variant *plain_variant_for(const struct variant *variant, unsigned int count);

/**
 * The set of frames that VARIANT takes: what its read() gives, less those whose source the access
 * list denies.
 */
uint32_t plain_read(const struct variant *variant, const struct identity *identity,
	struct plain_frames *frames);

/** Where a plain frame has its source address. */
struct ip_address plain_source(const uint8_t *data);

#endif
