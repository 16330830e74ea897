/* SPDX-License-Identifier: BSD-3-Clause */
/* The burst stage: a verdict for each frame of a burst, and the reply in place. */
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

/* Frames that were received together. */
struct burst {
	uint64_t now; /* when, in ticks of the stage's clock; only where a verdict depends on it */
	unsigned int count;
	struct rte_mbuf *frames[BURST_SIZE];
	uint8_t verdicts[BURST_SIZE];  /* enum verdict; a byte each, so that all lie together */
	uint8_t l2_length[BURST_SIZE]; /* of replies: bytes before IP; only where not all_plain */
	uint64_t bytes;                /* of the frames as they came */
	uint64_t padding;              /* bytes less in the replies, where all_plain */
	bool all_plain;                /* every frame is a plain echo, in one piece */
};

struct reassembly;

/* All that verdicts depend on, besides the frames. */
struct stage {
	const struct identity *identity;
	const struct variant *variant; /* for plain frames */
	uint32_t mtu;                  /* of replies: longer ones go in fragments */
	int timestamp_offset;          /* a capture's clock, in each mbuf; negative: the TSC */
	struct limits *limits;         /* NULL: there are none */
	struct reassembly *reassembly;
	struct arp_notes *arp_notes;
	struct counters *counters; /* for what is no verdict */
};

/**
 * Gives each frame of BURST its verdict. Frames with a reply's verdict then hold the reply, of the
 * reply's length; those to drop are as they came; those that are kept are reassembly's. The frame
 * that completes a datagram is replaced by the whole of it. Nothing is transmitted, and nothing of
 * BURST is freed.
 */
void burst_answer(const struct stage *stage, struct burst *burst);

#endif
