/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reassembly once more, slowly, and by another way: a datagram is a map of bytes, and what a
 * fragment says of each is compared with what is held. No hash, no mbufs, no order.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_DATAGRAMS 64 /* that an input can begin */
#define MODEL_HELD      128
#define MODEL_BYTES     65536

/* What a fragment is, beside its key. */
struct piece {
	uint32_t first, end; /* bytes of the datagram's payload */
	bool last;
	unsigned int mbufs;
	const uint8_t *payload; /* where the model can keep it */
	uint32_t header_length; /* of its IPv4 header */
};

struct model_datagram {
	uint32_t key, source;
	uint64_t created;
	bool condemned;
	unsigned int count;
	struct piece held[MODEL_HELD];
};

struct model {
	uint64_t timeout;
	unsigned int mbufs_max; /* of which one source may have half */
	uint64_t expired;
	uint64_t evicted;
	unsigned int count;
	struct model_datagram datagrams[MODEL_DATAGRAMS]; /* oldest first */
};

enum outcome { OUTCOME_REFUSED, OUTCOME_KEPT, OUTCOME_WHOLE };

/** How many mbufs the fragments that it holds lie in. */
unsigned int model_mbufs(const struct model *model);

/** Forgets the datagrams that have waited too long by NOW. */
void model_expire(struct model *model, uint64_t now);

/**
 * What becomes of a sound fragment. OUTCOME_WHOLE: PAYLOAD is the datagram's, LENGTH its bytes and
 * FIRST the fragment that its headers come from.
 */
enum outcome model_add(struct model *model, uint32_t key, uint32_t source,
	const struct piece *piece, uint64_t now, uint8_t payload[MODEL_BYTES], uint32_t *length,
	struct piece *first);

#endif
