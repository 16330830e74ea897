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
	bool is_swapped; /* this section is of the other byte order */
	struct pcapng_interface *interfaces;
	size_t interface_count, interface_room; /* of this section */
	uint8_t *body;                          /* of the block at hand */
	size_t body_room;
	uint64_t last_ns;
	bool is_fine;        /* an interface's times are finer than microseconds */
	bool is_cut;         /* the file ends within a block */
	bool has_ethernet;   /* an interface is of Ethernet */
	int other_link_type; /* of one that is not; -1: there is none */
};

struct pcapng_packet {
	uint64_t ns; /* since 1970; a simple packet block has none of its own: that of the last */
	uint16_t link_type;
	uint32_t captured, length;
	const uint8_t *data; /* until the next call */
};

/** Begins to read FILE, which is at its start, and stays the caller's. */
void pcapng_init(struct pcapng *pcapng, FILE *file);

/** The next packet: 1; 0: there is none; -1: the file is damaged, and WHY says how. */
int pcapng_next(struct pcapng *pcapng, struct pcapng_packet *packet, const char **why);

/** Frees what it holds, but not the file. */
void pcapng_free(struct pcapng *pcapng);

#endif
