/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first bytes of the last frames that a worker dropped. Each verdict has its own ring, so that
 * a flood of frames with one verdict does not overwrite the others. In a flood, the worker notes a
 * few frames now and then, and each other frame costs one comparison.
 *
 * Only the worker writes the rings; any other thread may read them at any time.
 */
#ifndef UDPECHO_DROPS_H
#define UDPECHO_DROPS_H

#include <stdbool.h>

#include <rte_branch_prediction.h>
#include <rte_seqcount.h>

#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

#define DROPS_OF_EACH 8 /* notes for each verdict */
#define DROP_BYTES    96

_Static_assert(DROP_BYTES >= PACKET_HEADERS_MAX, "all that a verdict is about");

struct rte_mbuf;

struct drop {
	rte_seqcount_t sequence;
	uint32_t length; /* bytes of the whole frame */
	uint16_t kept;   /* how many of them are in bytes */
	uint16_t queue;  /* its index in the worker's queues */
	uint32_t number; /* of the note: the frames of one burst have the same time */
	uint64_t when;   /* in ticks of its stage's clock; 0: nothing is noted here */
	uint8_t bytes[DROP_BYTES];
};

struct drops {
	uint32_t count; /* how many were noted so far */
	uint8_t next[VERDICT_COUNT];
	struct drop rings[VERDICT_COUNT][DROPS_OF_EACH];
};

/** Notes FRAME at PLACE, the oldest of its ring. Only drops_note() calls it. */
void drops_keep(struct drops *drops, struct drop *place, const struct rte_mbuf *frame,
	enum verdict verdict, uint16_t queue, uint64_t now);

/**
 * Notes FRAME, which came from QUEUE of the worker and is dropped at NOW with VERDICT, unless the
 * oldest note of its ring is younger than INTERVAL ticks.
 */
static inline void drops_note(struct drops *drops, const struct rte_mbuf *frame,
	enum verdict verdict, uint16_t queue, uint64_t now, uint64_t interval)
{
	struct drop *oldest = &drops->rings[verdict][drops->next[verdict]];

	if (unlikely(oldest->when == 0 || now - oldest->when >= interval))
		drops_keep(drops, oldest, frame, verdict, queue, now);
}

/**
 * Copies the note at PLACE of the ring of VERDICT. Returns false if there is none, or if the worker
 * is writing it. Any thread may call it.
 */
bool drops_read(
	const struct drops *drops, enum verdict verdict, unsigned int place, struct drop *copy);

#endif
