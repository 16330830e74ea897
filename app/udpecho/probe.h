/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The datagrams of a measurement. Each is different, and all of its bytes follow from its header:
 * so a reply tells which datagram it answers, and whether it is whole.
 *
 *      0              8         10          16               24
 *     +--------------+---------+-----------+----------------+-----------
 *     | run          | flow    | sequence  | when it was due| pattern
 *     +--------------+---------+-----------+----------------+-----------
 *
 * All numbers are in network byte order. The run is a random number, so that no datagram of another
 * client, or of an earlier run, is taken for ours.
 */
#ifndef UDPECHO_CLIENT_PROBE_H
#define UDPECHO_CLIENT_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tally.h"

#define PROBE_SIZE_MIN 24
#define PROBE_SIZE_MAX 65507 /* over IPv4 */

/** How far apart buffers for LENGTH bytes are: close, and not all in the same places of a cache. */
static inline size_t probe_stride(size_t length)
{
	return (length + 63) / 64 * 64 + (length + 63) / 64 % 2 * 64 + 64;
}

struct probe {
	uint64_t run;
	uint16_t flow;
	uint64_t sequence; /* 48 bits */
	uint64_t due;      /* nanoseconds of the monotonic clock, as probe_due() makes them */
};

/**
 * WHEN, or up to two nanoseconds later, as a number with an even number of one bits: so a single
 * wrong bit never turns the time of one datagram into that of another. Times that are two
 * nanoseconds apart stay in order.
 */
static inline uint64_t probe_due(uint64_t when)
{
	when = (when + 1) & ~UINT64_C(1);
	return when | (unsigned int)__builtin_parityll(when);
}

/** Writes the LENGTH bytes of a datagram; LENGTH is at least PROBE_SIZE_MIN. */
void probe_write(uint8_t *bytes, size_t length, const struct probe *probe);

/** Reads the header of a reply. Its DUE may be cut off, and is 0 then. False: it is too short. */
bool probe_read(const uint8_t *bytes, size_t length, struct probe *probe);

/**
 * Compares the bytes GOT with the LENGTH bytes SENT. FATE_CORRUPTED: the bytes that both have are
 * not the same. Otherwise the lengths say FATE_RECEIVED, FATE_TRUNCATED or FATE_EXTENDED.
 */
enum fate probe_compare(const uint8_t *got, size_t got_length, const uint8_t *sent, size_t length);

/** The length, from LEAST to MOST, of the datagram SEQUENCE of RUN: each call gives the same. */
size_t probe_length(uint64_t run, uint64_t sequence, size_t least, size_t most);

#endif
