/* SPDX-License-Identifier: BSD-3-Clause */
/* A dropped frame, taken apart, and what explains the parts of it. */
#ifndef UDPECHO_EXPLAIN_PARTS_H
#define UDPECHO_EXPLAIN_PARTS_H

#include <stdio.h>

#include <udpecho/packet/packet.h>

/* A dropped frame, parsed as far as its verdict says that the headers are there. */
struct dissection {
	FILE *stream; /* gets the explanation */
	const struct frame *frame;
	bool is_cut; /* the rest of the frame is not here */
	const struct eth_header *eth;
	const uint8_t *ip; /* or ARP */
	struct ip_packet packet;
};

static inline const struct ipv4_header *ipv4_of(const struct dissection *d)
{
	return (const struct ipv4_header *)d->ip;
}

static inline const struct ipv6_header *ipv6_of(const struct dissection *d)
{
	return (const struct ipv6_header *)d->ip;
}

static inline bool is_ipv6(const struct dissection *d)
{
	return d->packet.family == IP_FAMILY_IPV6;
}

static inline const uint8_t *payload_of(const struct dissection *d)
{
	return d->frame->data + d->packet.payload;
}

/** Writes that a header says one checksum, and its bytes another. */
void explain_checksum(const struct dissection *d, be16_t said, be16_t computed);

/** Writes why an ICMP message, of either family, was ignored. */
void explain_icmp(const struct dissection *d);

/** Writes why a message of neighbour or router discovery was ignored. */
void explain_discovery(const struct dissection *d);

/** Writes why a datagram was dropped with VERDICT, one of those of UDP. */
void explain_udp(const struct dissection *d, enum verdict verdict);

#endif
