/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each variant of lib/packet against the reference, burst by burst. A burst is made of numbers that
 * a source gives, random ones or a fuzzer's, and is adversarial: plain echo requests, each of
 * which may be spoilt in any field, at any length and alignment, for an identity of any kind.
 */
#ifndef EQUAL_BURST_H
#define EQUAL_BURST_H

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

/** Fills BURST with what SOURCE gives. */
void burst_make(struct sample_burst *burst, struct source *source);

/**
 * A datagram from 198.18.0.1:40000 to 198.18.0.2:7 with LENGTH bytes of payload, checksums right,
 * and an identity that answers it; what is varied starts from here.
 */
void sample_plain(struct sample *sample, uint32_t payload_length);
void identity_plain(struct identity *identity);

/** Makes the IPv4 checksum of SAMPLE right, and its UDP checksum where there is one. */
void sample_mend(struct sample *sample);

/** A number below LIMIT; 0 where that is 0. */
uint32_t source_below(struct source *source, uint32_t limit);

/** Whether this CPU has VARIANT's instructions: the compiler's look, not the appliance's own. */
bool variant_runs(const struct variant *variant);

/**
 * Has VARIANT read and, of a part of what it takes that WRITTEN masks, write BURST. Returns NULL,
 * or what is not as with the reference, and in INDEX of which frame. TAKEN grows by the frames
 * that the variant took.
 */
const char *burst_compare(const struct variant *variant, const struct sample_burst *burst,
	uint32_t written, unsigned int *index, uint64_t *taken);

#endif
