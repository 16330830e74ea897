/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums that were right are right in the reply, by checksum.c itself, whatever the words. REST
 * is the sum of the other words, folded; a header's is never 0, nor a pseudo-header's. Run by
 * programs.py.
 */
#include <udpecho/packet/checksum.h>

#include "symbolic/symbolic.h"

static bool is_right(checksum_sum sum)
{
	return checksum_finish(sum).raw == 0;
}

/* A word changes, and the checksum with it. */
void prove_update(void)
{
	uint16_t rest;
	be16_t checksum, before, after;

	any(&rest, sizeof(rest));
	any(&checksum, sizeof(checksum));
	any(&before, sizeof(before));
	any(&after, sizeof(after));
	assume(rest > 0);
	assume(is_right(rest + before.raw + checksum.raw));
	checksum = checksum_update(checksum, before, after);
	check(is_right(rest + after.raw + checksum.raw), "the checksum is right after its update");
}

/* The two halves of a word change places: ports. */
void prove_swap(void)
{
	uint16_t rest;
	uint16_t a, b;

	any(&rest, sizeof(rest));
	any(&a, sizeof(a));
	any(&b, sizeof(b));
	assume(rest > 0);
	assume(is_right(rest + ((uint32_t)a << 16 | b)));
	check(is_right(rest + ((uint32_t)b << 16 | a)), "the checksum is right after a swap");
}

/* Either half of a word counts the same: where a word lies does not matter. */
void prove_halves(void)
{
	uint16_t rest;
	uint16_t a;

	any(&rest, sizeof(rest));
	any(&a, sizeof(a));
	assume(rest > 0);
	check(checksum_fold(rest + ((uint32_t)a << 16)).raw == checksum_fold(rest + a).raw,
		"the same sum");
}
