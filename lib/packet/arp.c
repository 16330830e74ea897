/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet.h>

enum verdict arp_read(const struct frame *frame, const struct identity *identity, uint32_t offset)
{
	const struct arp_packet *arp = (const struct arp_packet *)(frame->data + offset);

	if (frame->contiguous - offset < sizeof(*arp))
		return VERDICT_ARP_IGNORED;
	if (be16_get(arp->hardware_type) != ARP_HARDWARE_ETHERNET ||
		be16_get(arp->protocol_type) != ETH_TYPE_IPV4 ||
		arp->hardware_length != sizeof(arp->sender_mac) ||
		arp->protocol_length != sizeof(arp->sender_address) ||
		be16_get(arp->operation) != ARP_REQUEST)
		return VERDICT_ARP_IGNORED;
	/* A group cannot own an address (RFC 1812 3.3.2), and a sender that claims ours announces
	 * a conflict (RFC 5227 2.4); it asks nothing. */
	if (arp->sender_mac.bytes[0] & 1 || identity_owns(identity, arp->sender_address))
		return VERDICT_ARP_IGNORED;
	if (!identity_owns(identity, arp->target_address))
		return VERDICT_ARP_IGNORED;
	return VERDICT_ARP_REPLY;
}

void arp_write_reply(struct frame *frame, const struct identity *identity, uint32_t offset)
{
	struct arp_packet *arp = (struct arp_packet *)(frame->data + offset);
	const be32_t ours = arp->target_address;

	eth_write_to(frame, identity->mac);
	arp->operation = BE16(ARP_REPLY);
	arp->target_mac = arp->sender_mac;
	arp->target_address = arp->sender_address;
	arp->sender_mac = identity->mac;
	arp->sender_address = ours;
	frame->length = offset + (uint32_t)sizeof(*arp);
	frame->contiguous = frame->length;
}
