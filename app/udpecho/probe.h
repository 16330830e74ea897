/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The datagrams that are sent to measure: each one different, and known to the last bit, so that a
 * reply tells which of them it answers, and whether it is whole.
 *
 *      0              8         10          16               24
 *     +--------------+---------+-----------+----------------+-----------
 *     | run          | flow    | sequence  | when it was due| pattern
 *     +--------------+---------+-----------+----------------+-----------
 *
 * All numbers are in network byte order. The run is a random number, so that no datagram of another
 * client, or of an earlier run, is taken for one of ours.
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
 * The time WHEN, up to two nanoseconds later, with an even number of ones: so no single damaged bit
 * makes of the time of one datagram that of another. Times two nanoseconds apart stay in order.
 */
static inline uint64_t probe_due(uint64_t when)
{
	when = (when + 1) & ~UINT64_C(1);
	return when | (unsigned int)__builtin_parityll(when);
}

/** Writes the LENGTH bytes of a datagram, at least PROBE_SIZE_MIN. */
void probe_write(uint8_t *bytes, size_t length, const struct probe *probe);

/** Reads what stands in front, of which DUE may have been cut off, and is 0 then. False: too short.
 */
bool probe_read(const uint8_t *bytes, size_t length, struct probe *probe);

/**
 * Compares GOT bytes of a reply with the LENGTH bytes that were sent: FATE_RECEIVED, FATE_TRUNCATED
 * and FATE_EXTENDED, where they are right as far as both go, or FATE_CORRUPTED.
 */
enum fate probe_compare(const uint8_t *got, size_t got_length, const uint8_t *sent, size_t length);

/** The length of the datagram with that sequence: always the same one, of all from LEAST to MOST.
 */
size_t probe_length(uint64_t run, uint64_t sequence, size_t least, size_t most);

#endif
