/* SPDX-License-Identifier: BSD-3-Clause */
#include "names.h"
#include "watch/watch.h"

#define COUNTER(name, text)                                         \
	{                                                           \
#name, offsetof(struct counters, name), text, false \
	}
#define TOTAL(name, text)                                          \
	{                                                          \
#name, offsetof(struct counters, name), text, true \
	}
#define FAULT(name, text)                                                \
	{                                                                \
#name, offsetof(struct device_faults, name), text, false \
	}
#define SKIP(name, text)                                                \
	{                                                               \
#name, offsetof(struct device_skips, name), text, false \
	}
#define DRIVER(name, field, text)                                         \
	{                                                                 \
#name, offsetof(struct rte_eth_stats, field), text, false \
	}

const struct counter_name counter_names[] = {
	TOTAL(rx_packets, "frames received"),
	TOTAL(rx_bytes, "bytes received, without FCS"),
	TOTAL(tx_packets, "frames sent"),
	TOTAL(tx_bytes, "bytes sent, without FCS"),
	COUNTER(tx_full,
		"frames not sent: the transmit queue was full, or no packet buffer was free"),
	COUNTER(fragments_added,
		"fragments of replies longer than the MTU, without the first of each"),
	COUNTER(fragments_expired, "fragments discarded: the rest of their datagram did not come"),
	COUNTER(fragments_evicted, "fragments discarded early, to make room for others"),
	COUNTER(announcements, "ARP probes and announcements sent"),
	COUNTER(arp_conflicts, "ARP packets in which another station uses an address of ours"),
	COUNTER(partial_checksums,
		"UDP checksums that the sender left to its virtual link, and we completed"),
	COUNTER(verified_checksums, "UDP checksums that the device verified for us"),
	{0},
};

const struct counter_name fault_names[] = {
	FAULT(link_changes, "times that the link went down or up"),
	FAULT(tx_stalls,
		"times that transmission stalled: the device took no reply for a second or more"),
	FAULT(pool_exhausted, "times that no packet buffer was free"),
	FAULT(changes, "times that the interface got another MTU, MAC, name or number of queues"),
	{0},
};

const struct counter_name driver_names[] = {
	DRIVER(rx_missed, imissed, "frames that the device dropped: its receive queue was full"),
	DRIVER(rx_errors, ierrors, "frames that the device received with errors"),
	DRIVER(rx_nombuf, rx_nombuf, "frames that the device dropped: no packet buffer was free"),
	DRIVER(tx_errors, oerrors, "frames that the device failed to send"),
	{0},
};

const struct counter_name skip_names[] = {
	SKIP(records_too_long, "records of the capture, not replayed: longer than 65535 bytes"),
	SKIP(records_not_ethernet,
		"records of the capture, not replayed: from another kind of link"),
	SKIP(records_cut_off,
		"records of the capture, not replayed: the file ends within the last one"),
	{0},
};

const char *const names_of_kinds[] = {
	[VERDICT_KIND_REPLY] = "reply",
	[VERDICT_KIND_DROP] = "drop",
	[VERDICT_KIND_KEEP] = "keep",
};

const struct quantile_name quantile_names[QUANTILE_COUNT] = {
	{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

/* Returns whether TEXT is NAME, or NAME as telemetry writes it: udp_echo for udp-echo. */
static bool is_named(const char *text, const char *name)
{
	for (; *text != '\0' && (*text == *name || (*text == '_' && *name == '-')); text++)
		name++;
	return *text == '\0' && *name == '\0';
}

verdict_set names_find_verdicts(const char *text)
{
	verdict_set set = VERDICT_SET_NONE;

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (is_named(text, verdict_name(i)) ||
			is_named(text, names_of_kinds[verdict_kind(i)]))
			set |= verdict_set_of(i);
	return set;
}
