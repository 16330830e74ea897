/* SPDX-License-Identifier: BSD-3-Clause */
/* The burst stage gives each frame of a burst its verdict, and writes replies in place. */
#ifndef UDPECHO_BURST_H
#define UDPECHO_BURST_H

#include <stdbool.h>

#include <udpecho/datapath/arp_notes.h>
#include <udpecho/datapath/counters.h>
#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>
#include <udpecho/packet/plain.h>
#include <udpecho/packet/verdict.h>

#define BURST_SIZE PLAIN_FRAMES_MAX

/* The frames that one poll of a queue received. */
struct burst {
	uint64_t now; /* in ticks of the stage's clock; only set if a verdict may depend on it */
	unsigned int count;
	struct rte_mbuf *frames[BURST_SIZE];
	uint8_t verdicts[BURST_SIZE];  /* enum verdict, in one byte to take few cache lines */
	uint8_t l2_length[BURST_SIZE]; /* of replies: bytes before IP; not set if all_plain */
	uint64_t bytes;                /* of all frames, as they came */
	uint64_t padding; /* bytes that the replies are shorter; only set if all_plain */
	bool all_plain;   /* every frame is a plain echo, see plain.h */
};

struct reassembly;

/* All that the verdicts depend on, except for the frames. */
struct stage {
	const struct identity *identity;
	const struct variant *variant; /* for plain frames */
	uint32_t mtu;                  /* bytes; a longer reply goes out in fragments */
	int timestamp_offset;  /* of a replay's time in each mbuf; negative: the clock is the TSC */
	struct limits *limits; /* NULL: there are no limits */
	struct reassembly *reassembly;
	struct arp_notes *arp_notes;
	struct counters *counters; /* for all that is not a verdict */
};

/**
 * Gives each frame of BURST its verdict. A frame that gets a reply then is that reply. A frame to
 * drop is as it came. A frame that is kept belongs to the reassembly. The whole datagram takes the
 * place of the fragment that completes it. The function transmits nothing, and frees no frame of
 * BURST.
 */
void burst_answer(const struct stage *stage, struct burst *burst);

#endif
