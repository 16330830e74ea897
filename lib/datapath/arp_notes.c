/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/datapath/arp_notes.h>

#define STATION_SEEN (UINT64_C(1) << 48) /* so that 00:00:00:00:00:00 is not taken for nobody */

/* The tags begin where an untagged frame has its ethertype, the last field of the header. */
static struct arp_tags read_tags(const struct frame *frame, uint32_t offset)
{
	struct arp_tags tags = {.length = (uint8_t)(offset - sizeof(struct eth_header))};

	memcpy(tags.bytes, frame->data + offsetof(struct eth_header, type), tags.length);
	for (unsigned int i = 0; i < tags.length; i += sizeof(struct vlan_tag))
		tags.bytes[i + 2] &= 0x0f;
	return tags;
}

static void add_vlan(struct arp_notes *notes, const struct arp_tags *tags)
{
	for (unsigned int i = 0; i < notes->vlan_count; i++)
		if (memcmp(&notes->vlans[i], tags, sizeof(*tags)) == 0)
			return;
	notes->vlans[notes->vlan_next] = *tags;
	notes->vlan_next = (uint8_t)((notes->vlan_next + 1) % ARP_NOTES_VLANS_MAX);
	if (notes->vlan_count < ARP_NOTES_VLANS_MAX)
		notes->vlan_count++;
}

static void add_station(
	struct arp_notes *notes, const struct identity *identity, const struct arp_packet *arp)
{
	uint64_t station = STATION_SEEN;

	for (unsigned int i = 0; i < sizeof(arp->sender_mac); i++)
		station |= (uint64_t)arp->sender_mac.bytes[i] << (8 * i);
	for (unsigned int i = 0; i < identity->ipv4_count; i++)
		if (be32_equal(identity->ipv4[i].address, arp->sender_address))
			__atomic_store_n(&notes->stations[i], station, __ATOMIC_RELAXED);
}

void arp_notes_add(struct arp_notes *notes, const struct frame *frame,
	const struct identity *identity, uint32_t offset, bool is_conflict)
{
	const struct arp_tags tags = read_tags(frame, offset);

	if (tags.length > 0)
		add_vlan(notes, &tags);
	if (is_conflict)
		add_station(notes, identity, (const struct arp_packet *)(frame->data + offset));
}

bool arp_notes_station(
	const struct arp_notes *notes, unsigned int index, struct mac_address *station)
{
	const uint64_t seen = __atomic_load_n(&notes->stations[index], __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < sizeof(*station); i++)
		station->bytes[i] = (uint8_t)(seen >> (8 * i));
	return seen != 0;
}

void arp_notes_forget_stations(struct arp_notes *notes)
{
	for (unsigned int i = 0; i < IDENTITY_ADDRESSES_MAX; i++)
		__atomic_store_n(&notes->stations[i], 0, __ATOMIC_RELAXED);
}
