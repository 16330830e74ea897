/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker counts. Each queue has its own set of counters. Only the worker writes a set; any
 * other thread may read it at any time without a lock, and never sees a number half written.
 */
#ifndef UDPECHO_COUNTERS_H
#define UDPECHO_COUNTERS_H

#include <stdint.h>

#include <udpecho/packet/verdict.h>

struct counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
	uint64_t tx_full;            /* frames that the device did not take */
	uint64_t fragments_added;    /* a reply that goes out in k fragments adds k - 1 */
	uint64_t fragments_expired;  /* kept in vain: their datagram was not completed */
	uint64_t fragments_evicted;  /* those of them that had to make room for others */
	uint64_t announcements;      /* ARP probes and announcements, RFC 5227 */
	uint64_t arp_conflicts;      /* ARP packets of another station that uses our address */
	uint64_t partial_checksums;  /* that we finished for a virtual link; RFC 768 */
	uint64_t verified_checksums; /* of echoes: the device had found them good */
	uint64_t verdicts[VERDICT_COUNT];
};

/** Adds VALUE to COUNTER. Only the thread that writes the set may call it. */
static inline void counter_add(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, *counter + value, __ATOMIC_RELAXED);
}

/** The value of COUNTER. Any thread may call it. */
static inline uint64_t counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/** Adds each counter of FROM, which its worker may be writing, to TO, which nobody else uses. */
void counters_collect(struct counters *to, const struct counters *from);

#endif
