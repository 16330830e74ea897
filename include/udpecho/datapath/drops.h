/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first bytes of the last frames that a worker dropped: a ring for each verdict, so that a
 * flood of one does not wash away the others. Of a flood a few are noted now and then, and the rest
 * costs a comparison each.
 *
 * One thread notes; any other may read at any time.
 */
#ifndef UDPECHO_DROPS_H
#define UDPECHO_DROPS_H

#include <stdbool.h>

#include <rte_branch_prediction.h>
#include <rte_seqcount.h>

#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

#define DROPS_OF_EACH 8 /* verdict */
#define DROP_BYTES    96

_Static_assert(DROP_BYTES >= PACKET_HEADERS_MAX, "all that a verdict is about");

struct rte_mbuf;

struct drop {
	rte_seqcount_t sequence;
	uint32_t length; /* bytes of the frame, */
	uint16_t kept;   /* of which so many are in bytes */
	uint16_t queue;  /* of the worker's, counted from 0 */
	uint32_t number; /* of those that this worker noted: those of one burst have one time */
	uint64_t when;   /* by the clock of its stage; 0: nothing is noted here */
	uint8_t bytes[DROP_BYTES];
};

struct drops {
	uint32_t count; /* noted so far */
	uint8_t next[VERDICT_COUNT];
	struct drop rings[VERDICT_COUNT][DROPS_OF_EACH];
};

/** What drops_note() does where the ring has not gone around just now. */
void drops_keep(struct drops *drops, struct drop *place, const struct rte_mbuf *frame,
	enum verdict verdict, uint16_t queue, uint64_t now);

/** Notes FRAME, dropped at NOW with VERDICT, unless its ring has gone around in INTERVAL ticks. */
static inline void drops_note(struct drops *drops, const struct rte_mbuf *frame,
	enum verdict verdict, uint16_t queue, uint64_t now, uint64_t interval)
{
	struct drop *oldest = &drops->rings[verdict][drops->next[verdict]];

	if (unlikely(oldest->when == 0 || now - oldest->when >= interval))
		drops_keep(drops, oldest, frame, verdict, queue, now);
}

/** Copies what is noted at PLACE of a ring; false: nothing, or it is being replaced. */
bool drops_read(
	const struct drops *drops, enum verdict verdict, unsigned int place, struct drop *copy);

#endif
