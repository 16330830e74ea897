/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a queue remembers of the ARP that it saw, so that addresses can be probed, announced and
 * defended where their neighbours are: in which VLANs, and which other stations use them. The
 * worker writes it; other threads read, and forget, the stations.
 */
#ifndef UDPECHO_ARP_NOTES_H
#define UDPECHO_ARP_NOTES_H

#include <stdbool.h>

#include <udpecho/packet/packet.h>

#define ARP_NOTES_VLANS_MAX 16

/* The tags of a frame, outermost first, without priorities: each TPID and VLAN identifier. */
struct arp_tags {
	uint8_t length; /* bytes; 0: untagged */
	uint8_t bytes[ETH_TAGS_MAX * sizeof(struct vlan_tag)];
};

struct arp_notes {
	uint8_t vlan_count;
	uint8_t vlan_next; /* which makes room for another, where all are taken: the oldest */
	struct arp_tags vlans[ARP_NOTES_VLANS_MAX];
	/* Of each of our addresses, who else has it: a MAC in the lower 48 bits; 0: nobody. */
	uint64_t stations[IDENTITY_ADDRESSES_MAX];
};

/**
 * Remembers the VLAN of the ARP packet at OFFSET, which asks for an address of ours or is a
 * conflict, and where it IS_CONFLICT (arp_is_conflict()), the station that sent it.
 */
void arp_notes_add(struct arp_notes *notes, const struct frame *frame,
	const struct identity *identity, uint32_t offset, bool is_conflict);

/**
 * The station that was last seen with address number INDEX of the identity; false: none was. From
 * any thread.
 */
bool arp_notes_station(
	const struct arp_notes *notes, unsigned int index, struct mac_address *station);

/** Forgets all stations; from any thread. */
void arp_notes_forget_stations(struct arp_notes *notes);

#endif
