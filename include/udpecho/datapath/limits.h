/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rate limits: token buckets in a table of fixed size. A hash with a secret key gives the prefix of
 * each source its bucket; sources with the same bucket share its rate. The table has no entries to
 * learn or to evict, so a spoofer can only empty the buckets of the sources that it claims to be.
 */
#ifndef UDPECHO_LIMITS_H
#define UDPECHO_LIMITS_H

#include <udpecho/packet/packet.h>

struct rate {
	uint64_t per_second; /* 0: no limit */
	uint64_t burst;      /* the most tokens that a bucket holds; at least 1 */
};

#define RATE_MAX 1000000000 /* of per_second and burst, so that a credit fits in 64 bits */

struct limits_config {
	struct rate echo;            /* of datagrams from each source prefix */
	unsigned int prefix_length;  /* bits of that prefix: 0 to 32 */
	unsigned int prefix6_length; /* the same of IPv6: 0 to 128 */
	struct rate icmp_arp;        /* of ICMP echo replies, of ARP and of neighbour discovery */
	struct rate unreachable;     /* of all ICMP messages that a port is unreachable */
};

struct limits;

/**
 * Makes a table for any number of workers, whose clock has TICKS_PER_SECOND, on the NUMA node
 * SOCKET if it has memory. KEY is the secret of its hash. NULL: no memory. The caller frees the
 * table with rte_free().
 */
struct limits *limits_create(
	const struct limits_config *config, uint64_t ticks_per_second, uint32_t key, int socket);

/**
 * Takes a token, at time NOW, for the reply that VERDICT asks for to DATAGRAM. Returns VERDICT, or
 * if no token is left, the verdict that the frame gets instead. Any worker may call it.
 */
enum verdict limits_apply(
	struct limits *limits, enum verdict verdict, const struct datagram *datagram, uint64_t now);

#endif
