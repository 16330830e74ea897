/* SPDX-License-Identifier: BSD-3-Clause */
/* The verdict: what became of a frame. verdict.def is the table; this is its C form. */
#ifndef UDPECHO_VERDICT_H
#define UDPECHO_VERDICT_H

/* What happens to the frame itself. */
enum verdict_kind {
	VERDICT_KIND_REPLY, /* rewritten in place, and sent back */
	VERDICT_KIND_DROP,  /* freed, untouched */
	VERDICT_KIND_KEEP,  /* owned by the reassembly table */
};

enum verdict {
#define VERDICT(identifier, name, kind, text) VERDICT_##identifier,
#include <udpecho/verdict.def>
#undef VERDICT
	VERDICT_COUNT
};

/** The name in reports, such as "udp-echo". */
const char *verdict_name(enum verdict verdict);

/** Whether the frame is sent back, dropped or kept. */
static inline enum verdict_kind verdict_kind(enum verdict verdict)
{
	static const unsigned char kinds[VERDICT_COUNT] = {
#define VERDICT(identifier, name, kind, text) VERDICT_KIND_##kind,
#include <udpecho/verdict.def>
#undef VERDICT
	};

	return (enum verdict_kind)kinds[verdict];
}

/** One line that says when a frame gets this verdict. */
const char *verdict_text(enum verdict verdict);

#endif
