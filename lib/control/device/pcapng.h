/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads pcapng (draft-ietf-opsawg-pcapng). libpcap refuses what capture tools make every day:
 * interfaces with different snapshot lengths, or of different link types.
 */
#ifndef UDPECHO_PCAPNG_H
#define UDPECHO_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pcapng_interface {
	uint16_t link_type;
	uint32_t snaplen;   /* 0: no limit */
	uint8_t resolution; /* if_tsresol: 10^-N s, with the highest bit set 2^-N s */
	uint64_t offset;    /* if_tsoffset, in seconds, modulo 2^64 */
};

struct pcapng {
	FILE *file;
	bool is_swapped; /* this section has the other byte order */
	struct pcapng_interface *interfaces;
	size_t interface_count, interface_room; /* of this section */
	uint8_t *body;                          /* of the current block */
	size_t body_room;
	uint64_t last_ns;
	bool is_fine;        /* an interface's times are finer than microseconds */
	bool is_cut;         /* the file ends within a block */
	bool has_ethernet;   /* an interface is Ethernet */
	int other_link_type; /* of an interface that is not; -1: none */
};

struct pcapng_packet {
	uint64_t ns; /* since 1970; a simple packet block has the time of the packet before */
	uint16_t link_type;
	uint32_t captured, length;
	const uint8_t *data; /* valid until the next call */
};

/** Begins to read FILE from its present position, the start. The caller closes FILE. */
void pcapng_init(struct pcapng *pcapng, FILE *file);

/** Reads the next packet. Returns 1, 0 at the end, or -1 if the file is damaged, and WHY. */
int pcapng_next(struct pcapng *pcapng, struct pcapng_packet *packet, const char **why);

/** Frees what PCAPNG holds, but leaves the file open. */
void pcapng_free(struct pcapng *pcapng);

#endif
