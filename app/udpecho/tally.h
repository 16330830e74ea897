/* SPDX-License-Identifier: BSD-3-Clause */
/* What became of the datagrams, in numbers. */
#ifndef UDPECHO_CLIENT_TALLY_H
#define UDPECHO_CLIENT_TALLY_H

#include <stddef.h>
#include <stdint.h>

/* What became of a datagram. */
enum fate {
	FATE_NONE, /* not sent, or forgotten */
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

/* The rows of tally.def, for whoever prints all of them. */
struct tally_row {
	const char *name;
	const char *text;
	size_t offset;
};

extern const struct tally_row tally_rows[]; /* ends where the name is NULL */

/** The figure that ROW is about. */
static inline uint64_t tally_value(const struct tally *tally, const struct tally_row *row)
{
	return *(const uint64_t *)((const char *)tally + row->offset);
}

/** Adds VALUE to COUNTER, which other threads may read: by the one thread that writes it. */
static inline void tally_count(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, *counter + value, __ATOMIC_RELAXED);
}

/** Those of which no reply came at all: never less than 0, nor more than were sent. */
uint64_t tally_lost(const struct tally *tally);

/** The share of those that were lost or late, in percent of what was sent. */
double tally_loss(const struct tally *tally);

/** Adds all of FROM, which another thread may be writing, to TO, which is private. */
void tally_add(struct tally *to, const struct tally *from);

#endif
