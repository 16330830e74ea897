/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker counts, one set for each queue that it polls. One thread writes a set; any other
 * may read it at any time without a lock, and sees each number whole.
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
	uint64_t fragments_added;    /* a reply in k fragments adds k - 1 */
	uint64_t fragments_expired;  /* kept in vain: their datagram did not become whole */
	uint64_t fragments_evicted;  /* those of them that made room for others' */
	uint64_t announcements;      /* ARP probes and announcements, RFC 5227 */
	uint64_t arp_conflicts;      /* ARP from another station with an address of ours */
	uint64_t partial_checksums;  /* finished for a virtual link; RFC 768 */
	uint64_t verified_checksums; /* of echoes; the device had found them good */
	uint64_t verdicts[VERDICT_COUNT];
};

/** Adds VALUE to COUNTER; by the one thread that writes it. */
static inline void counter_add(uint64_t *counter, uint64_t value)
{
	__atomic_store_n(counter, *counter + value, __ATOMIC_RELAXED);
}

/** The value of COUNTER; by any thread. */
static inline uint64_t counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/** Adds every counter of FROM, which may be in use by its writer, to the private set TO. */
void counters_collect(struct counters *to, const struct counters *from);

#endif
