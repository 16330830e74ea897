/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Puts the fragments of datagrams together (RFC 791 3.2, RFC 815), in a table of fixed size.
 *
 * DPDK's rte_ip_frag would be the obvious choice, but is built for 8 fragments a datagram, and
 * 65,507 bytes come in 45 over an MTU of 1500. Overlaps condemn their datagram, as RFC 5722 has
 * it for IPv6: nobody sends them in good faith.
 *
 * A full table refuses nobody: the oldest datagram gives way, of the same source first, as one
 * source has half of the table at most.
 */
#ifndef UDPECHO_REASSEMBLY_H
#define UDPECHO_REASSEMBLY_H

#include <udpecho/datapath/counters.h>
#include <udpecho/packet/packet.h>

struct reassembly;
struct rte_mbuf;

/**
 * A table for one queue, whose clock ticks TICKS_PER_SECOND times, that holds MBUFS_MAX mbufs at
 * most. In COUNTERS it counts the fragments that it gives up (fragments_expired), and those of them
 * that it gave up early, for others (fragments_evicted). KEY is the secret of its hashes.
 * NULL: no memory.
 */
struct reassembly *reassembly_create(uint64_t ticks_per_second, unsigned int mbufs_max,
	struct counters *counters, uint32_t key, int socket);

/** Gives up all fragments, then the table. NULL is allowed. */
void reassembly_free(struct reassembly *reassembly);

/**
 * Adds the sound fragment in *FRAME, whose IPv4 packet lies at PACKET. True: *FRAME is the whole
 * datagram now, to be read like any other frame. False: the VERDICT says what became of it:
 * VERDICT_IP_FRAGMENT_KEPT: it is the table's now;
 * VERDICT_IP_FRAGMENT: refused, and still the caller's.
 */
bool reassembly_add(struct reassembly *reassembly, struct rte_mbuf **frame,
	const struct ip_packet *packet, uint64_t now, enum verdict *verdict);

/**
 * Gives up the datagrams that have waited too long by NOW. Cheap where there are none. Where the
 * clock was set far back, they wait again.
 */
void reassembly_expire(struct reassembly *reassembly, uint64_t now);

#endif
