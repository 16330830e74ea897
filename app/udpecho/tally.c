/* SPDX-License-Identifier: BSD-3-Clause */
#include "tally.h"

const char *const fate_names[] = {
	[FATE_NONE] = "none",
	[FATE_WAITING] = "waiting",
	[FATE_RECEIVED] = "received",
	[FATE_LATE] = "late",
	[FATE_TRUNCATED] = "truncated",
	[FATE_EXTENDED] = "extended",
	[FATE_CORRUPTED] = "corrupted",
	[FATE_LOST] = "lost",
};

#define ROW(name, text) {#name, text, offsetof(struct tally, name)},

const struct tally_row tally_rows[] = {
#define FATE  ROW
#define OTHER ROW
#include "tally.def"
#undef FATE
#undef OTHER
	{NULL, NULL, 0},
};

uint64_t tally_lost(const struct tally *tally)
{
	uint64_t lost = tally->sent;

#define FATE(name, text) lost -= tally->name;
#define OTHER(name, text)
#include "tally.def"
#undef FATE
#undef OTHER
	return lost;
}

double tally_loss(const struct tally *tally)
{
	if (tally->sent == 0)
		return 0;
	return 100.0 * (double)(tally_lost(tally) + tally->late) / (double)tally->sent;
}

void tally_add(struct tally *to, const struct tally *from)
{
#define FATE(name, text)  to->name += __atomic_load_n(&from->name, __ATOMIC_ACQUIRE);
#define OTHER(name, text) FATE(name, text)
#include "tally.def"
#undef FATE
#undef OTHER
	/* Last, so that TO never has more replies than datagrams. */
	to->sent += __atomic_load_n(&from->sent, __ATOMIC_ACQUIRE);
}
