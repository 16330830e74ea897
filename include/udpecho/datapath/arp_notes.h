/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a queue remembers of the ARP packets that it received: the VLANs from which somebody asked
 * for our addresses, so that we can probe and announce them there, and the stations that use our
 * addresses, so that we can defend them. The worker writes these notes. Other threads may read and
 * forget the stations.
 */
#ifndef UDPECHO_ARP_NOTES_H
#define UDPECHO_ARP_NOTES_H

#include <stdbool.h>

#include <udpecho/packet/packet.h>

#define ARP_NOTES_VLANS_MAX 16

/* The VLAN tags of a frame, the outermost first. Each has its TPID and VLAN ID, and no priority. */
struct arp_tags {
	uint8_t length; /* of bytes; 0: the frame is untagged */
	uint8_t bytes[ETH_TAGS_MAX * sizeof(struct vlan_tag)];
};

struct arp_notes {
	uint8_t vlan_count;
	uint8_t vlan_next; /* the place for the next VLAN; once all are taken, that of the oldest */
	struct arp_tags vlans[ARP_NOTES_VLANS_MAX];
	/* Who else uses each of our IPv4 addresses: a MAC in the lower 48 bits; 0: nobody. */
	uint64_t stations[IDENTITY_ADDRESSES_MAX];
};

/**
 * Remembers the VLAN of the ARP packet at OFFSET of FRAME, which asks for an address of ours or is
 * a conflict. If it IS_CONFLICT (see arp_is_conflict()), also remembers the station that sent it.
 */
void arp_notes_add(struct arp_notes *notes, const struct frame *frame,
	const struct identity *identity, uint32_t offset, bool is_conflict);

/**
 * Gives the STATION that was last seen to use our address that is number INDEX in the identity's
 * ipv4. Returns false if none was. Any thread may call it.
 */
bool arp_notes_station(
	const struct arp_notes *notes, unsigned int index, struct mac_address *station);

/** Forgets all stations. Any thread may call it. */
void arp_notes_forget_stations(struct arp_notes *notes);

#endif
