/* SPDX-License-Identifier: BSD-3-Clause */
/* Counters: how many datagrams met which fate. */
#ifndef UDPECHO_CLIENT_TALLY_H
#define UDPECHO_CLIENT_TALLY_H

#include <stddef.h>
#include <stdint.h>

/* What became of a datagram. */
enum fate {
	FATE_NONE, /* no datagram */
	FATE_WAITING,
	FATE_RECEIVED,
	FATE_LATE,
	FATE_TRUNCATED,
	FATE_EXTENDED,
	FATE_CORRUPTED,
	FATE_LOST,
};

extern const char *const fate_names[];

struct tally {
	uint64_t sent;
#define FATE(name, text)  uint64_t name;
#define OTHER(name, text) uint64_t name;
#include "tally.def"
#undef FATE
#undef OTHER
};

/* The rows of tally.def, to print all of them. */
struct tally_row {
	const char *name;
	const char *text;
	size_t offset;
};

extern const struct tally_row tally_rows[]; /* the last one has no name */

/** The counter of ROW. */
static inline uint64_t tally_value(const struct tally *tally, const struct tally_row *row)
{
	return *(const uint64_t *)((const char *)tally + row->offset);
}

/**
 * Adds VALUE to COUNTER. Only one thread may write it; others may read it. Who sees it sees what
 * was counted before, so that no reply is there before its datagram.
 */
static inline void tally_count(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, *counter + value, __ATOMIC_RELEASE);
}

/** How many datagrams got no reply at all: from 0 to tally->sent. */
uint64_t tally_lost(const struct tally *tally);

/** The percentage of datagrams that were lost or late. */
double tally_loss(const struct tally *tally);

/** Adds FROM, which another thread may be writing, to TO, which nobody else uses. */
void tally_add(struct tally *to, const struct tally *from);

#endif
