/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rate limits: token buckets in a table of fixed size. A source's prefix is hashed with a secret
 * key to one of them; sources that share a bucket share its rate. Nothing is learnt and nothing
 * is evicted, so that a spoofer can fill nothing but the buckets of those whom it claims to be.
 */
#ifndef UDPECHO_LIMITS_H
#define UDPECHO_LIMITS_H

#include <udpecho/packet/packet.h>

struct rate {
	uint64_t per_second; /* 0: no limit */
	uint64_t burst;      /* tokens that a bucket holds at most; at least 1 */
};

#define RATE_MAX 1000000000 /* of either: keeps credits within 64 bits */

struct limits_config {
	struct rate echo;           /* datagrams, for each source prefix */
	unsigned int prefix_length; /* of that prefix: 0 to 32 */
	struct rate icmp_arp;       /* all ICMP echo replies, and all ARP replies */
	struct rate unreachable;    /* all reports of unreachable ports together */
};

struct limits;

/**
 * A table for any number of workers, whose clock ticks TICKS_PER_SECOND times; KEY is its secret.
 * NULL: no memory. To be freed with rte_free().
 */
struct limits *limits_create(
	const struct limits_config *config, uint64_t ticks_per_second, uint32_t key, int socket);

/**
 * Takes a token for the reply that VERDICT and DATAGRAM call for at time NOW. Gives VERDICT back,
 * or, where there is no token left, the verdict that the frame gets instead.
 */
enum verdict limits_apply(
	struct limits *limits, enum verdict verdict, const struct datagram *datagram, uint64_t now);

#endif
