/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Puts the fragments of datagrams together (RFC 791 3.2, RFC 815, RFC 8200 4.5), in a table of
 * fixed size.
 *
 * DPDK's rte_ip_frag would be the obvious choice, but it is built for 8 fragments of a datagram,
 * and a datagram of 65,507 bytes comes in 45 over an MTU of 1500. If fragments overlap, the
 * table drops their datagram, as RFC 5722 requires of IPv6: nobody sends overlaps in good faith.
 *
 * A full table still takes a new datagram, and drops the oldest one instead. One source can have
 * half of the table at most; if it has that, the oldest one is from the same source.
 */
#ifndef UDPECHO_REASSEMBLY_H
#define UDPECHO_REASSEMBLY_H

#include <udpecho/datapath/counters.h>
#include <udpecho/packet/packet.h>

struct reassembly;
struct rte_mbuf;

/**
 * Makes a table for one queue, whose clock has TICKS_PER_SECOND, that holds at most MBUFS_MAX
 * mbufs, on the NUMA node SOCKET if it has memory. In COUNTERS it counts the fragments that it
 * drops (fragments_expired), and those of them that made room for others (fragments_evicted). KEY
 * is the secret of its hashes. NULL: no memory.
 */
struct reassembly *reassembly_create(uint64_t ticks_per_second, unsigned int mbufs_max,
	struct counters *counters, uint32_t key, int socket);

/** Drops all fragments, and frees the table, which may be NULL. */
void reassembly_free(struct reassembly *reassembly);

/**
 * Adds the valid fragment in *FRAME, which PACKET describes, at time NOW. Returns true if *FRAME is
 * the whole datagram now: the caller reads it like any other frame. Returns false otherwise, and
 * the VERDICT says what became of the fragment:
 *
 * VERDICT_IP_FRAGMENT_KEPT: it belongs to the table now.
 * VERDICT_IP_FRAGMENT: the table refused it, and it still belongs to the caller.
 */
bool reassembly_add(struct reassembly *reassembly, struct rte_mbuf **frame,
	const struct ip_packet *packet, uint64_t now, enum verdict *verdict);

/**
 * Drops the datagrams that have waited too long at time NOW. If there are none, it costs next to
 * nothing. If the clock was set far back, all datagrams begin to wait again.
 */
void reassembly_expire(struct reassembly *reassembly, uint64_t now);

#endif
