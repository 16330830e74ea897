/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What holds for every frame, whatever its verdict:
 *
 * - no byte is read that a length has not admitted: all memory is allocated to the byte, so that
 *   AddressSanitizer sees the first one too many;
 * - a reply is never longer than its request, and lies inside it; but for icmp-unreachable and
 *   nd-reply, which take the headroom too;
 * - on every other verdict no byte has changed;
 * - how the frame is cut into buffers does not matter, except to a header beyond the first.
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <udpecho/packet/packet.h>

#include "frames.h"

/* How a frame arrives: where it lies in memory, and what the device says of it. */
struct arrival {
	unsigned int cut_count; /* 0: all is contiguous; at most 3 */
	uint32_t cuts[3];       /* ascending: where each run behind the contiguous one begins */
	uint32_t shift;         /* the frame's address is this far from an aligned one */
	uint32_t headroom;
	bool l4_checksum_good;
	bool l4_checksum_partial;
	bool reassembled;
};

/* A row: what becomes of a frame. */
struct frame_case {
	const char *about;
	const char *frame;
	struct edit edits[4];
	unsigned int mend;
	enum who who;
	enum verdict verdict;
	const char *reply; /* NULL: it is dropped */
	struct edit reply_edits[4];
	unsigned int reply_mend;
	struct arrival arrival;
};

/**
 * Hands REQUEST, arriving as ARRIVAL says, to packet_answer(): VERDICT is expected, and REPLY where
 * that is a reply's. Checks the laws above.
 */
void check_answer(const struct bytes *request, const struct arrival *arrival, enum who who,
	enum verdict verdict, const struct bytes *reply);

/** The verdict of REQUEST, whole and alone, where nothing is expected but the laws. */
enum verdict check_laws(const struct bytes *request, enum who who);

/** What a frame that earns WHOLE earns when no more than CONTIGUOUS bytes are contiguous. */
enum verdict verdict_when_cut(const struct bytes *request, enum verdict whole, uint32_t contiguous);

/** A cmocka test of one struct frame_case: whole, at every address, cut and cut short everywhere.
 */
void check_frame_case(void **state);

/** The same of an IPv6 frame, where a cut among its headers may give any drop. */
void check_frame6_case(void **state);

#endif
