/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes bursts out of the numbers that a source gives, random ones or a fuzzer's. They are
 * adversarial: plain echo requests, each of which may be spoilt in any field, at any length and
 * alignment, for an identity of any kind.
 */
#ifndef EQUAL_SAMPLE_H
#define EQUAL_SAMPLE_H

#include <udpecho/packet/packet.h>
#include <udpecho/packet/plain.h>

#define FRAME_MAX 9100

/* Where numbers come from. */
struct source {
	uint32_t (*next)(struct source *source);
	uint64_t state;      /* of a generator */
	const uint8_t *data; /* of a fuzzer */
	size_t size;
};

/* A frame, in memory that ends where it ends. */
struct sample {
	uint32_t length;
	uint32_t shift; /* of its address, from an aligned one */
	bool verified;  /* the device says that the UDP checksum is good */
	bool hidden;    /* the caller says that it is not plain */
	uint8_t data[FRAME_MAX];
};

struct sample_burst {
	struct identity identity;
	uint32_t mtu;
	unsigned int count;
	struct sample samples[PLAIN_FRAMES_MAX];
};

/** Fills BURST from SOURCE. */
void burst_make(struct sample_burst *burst, struct source *source);

/**
 * Fills SAMPLE with a datagram from 198.18.0.1:40000 to 198.18.0.2:7, with PAYLOAD_LENGTH bytes and
 * right checksums. All variations begin with it.
 */
void sample_plain(struct sample *sample, uint32_t payload_length);

/** Fills IDENTITY with one that answers the datagram of sample_plain(). */
void identity_plain(struct identity *identity);

/** Corrects the IPv4 checksum of SAMPLE, and its UDP checksum if it has one. */
void sample_fix(struct sample *sample);

/** Returns the 16 bits at OFFSET of SAMPLE, in network byte order. */
uint32_t sample_word(const struct sample *sample, uint32_t offset);

/** Returns a number of SOURCE below LIMIT, or 0 if LIMIT is 0. */
uint32_t source_below(struct source *source, uint32_t limit);

#endif
