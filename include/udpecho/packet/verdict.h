/* SPDX-License-Identifier: BSD-3-Clause */
/* The verdict of a frame says what becomes of it. verdict.def is the table of all verdicts. */
#ifndef UDPECHO_VERDICT_H
#define UDPECHO_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* What happens to the frame itself. */
enum verdict_kind {
	VERDICT_KIND_REPLY, /* rewritten in place, and sent back */
	VERDICT_KIND_DROP,  /* freed, untouched */
	VERDICT_KIND_KEEP,  /* owned by the reassembly table */
};

enum verdict {
#define VERDICT(identifier, name, kind, text) VERDICT_##identifier,
#include <udpecho/packet/verdict.def>
#undef VERDICT
	VERDICT_COUNT
};

/* A set of verdicts: bit i stands for verdict i. */
typedef uint64_t verdict_set;

_Static_assert(VERDICT_COUNT <= 64, "a bit for each verdict");

#define VERDICT_SET_NONE ((verdict_set)0)
#define VERDICT_SET_ALL  (~VERDICT_SET_NONE)

/** The set that holds VERDICT alone. The operator | joins sets. */
static inline verdict_set verdict_set_of(enum verdict verdict)
{
	return (verdict_set)1 << verdict;
}

/** Whether VERDICT is in SET. */
static inline bool verdict_set_has(verdict_set set, enum verdict verdict)
{
	return set >> verdict & 1;
}

/** The name of VERDICT in reports, such as "udp-echo". */
const char *verdict_name(enum verdict verdict);

/** Whether a frame with VERDICT is sent back, dropped or kept. */
static inline enum verdict_kind verdict_kind(enum verdict verdict)
{
	static const unsigned char kinds[VERDICT_COUNT] = {
#define VERDICT(identifier, name, kind, text) VERDICT_KIND_##kind,
#include <udpecho/packet/verdict.def>
#undef VERDICT
	};

	return (enum verdict_kind)kinds[verdict];
}

/** One line that says when a frame gets VERDICT. */
const char *verdict_text(enum verdict verdict);

#endif
