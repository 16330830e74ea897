/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

static bool is_ipv4_on_ethernet(const struct frame *frame, uint32_t offset)
{
	const struct arp_packet *arp = (const struct arp_packet *)(frame->data + offset);

	return frame->contiguous - offset >= sizeof(*arp) &&
	       be16_get(arp->hardware_type) == ARP_HARDWARE_ETHERNET &&
	       be16_get(arp->protocol_type) == ETH_TYPE_IPV4 &&
	       arp->hardware_length == sizeof(arp->sender_mac) &&
	       arp->protocol_length == sizeof(arp->sender_address);
}

enum verdict arp_read(const struct frame *frame, const struct identity *identity, uint32_t offset)
{
	const struct arp_packet *arp = (const struct arp_packet *)(frame->data + offset);

	if (!is_ipv4_on_ethernet(frame, offset) || be16_get(arp->operation) != ARP_REQUEST)
		return VERDICT_ARP_IGNORED;
	/* A group cannot own an address (RFC 1812 3.3.2). A sender that uses our address does not
	 * ask for it, but is in conflict with us (RFC 5227 2.4). */
	if (arp->sender_mac.bytes[0] & 1 || identity_owns_ipv4(identity, arp->sender_address))
		return VERDICT_ARP_IGNORED;
	if (!identity_owns_ipv4(identity, arp->target_address))
		return VERDICT_ARP_IGNORED;
	return VERDICT_ARP_REPLY;
}

bool arp_is_conflict(const struct frame *frame, const struct identity *identity, uint32_t offset)
{
	const struct arp_packet *arp = (const struct arp_packet *)(frame->data + offset);

	return is_ipv4_on_ethernet(frame, offset) &&
	       identity_owns_ipv4(identity, arp->sender_address) &&
	       memcmp(&arp->sender_mac, &identity->mac, sizeof(arp->sender_mac)) != 0;
}

void arp_write_request(uint8_t frame[static ARP_REQUEST_LENGTH], struct mac_address mac,
	be32_t sender, be32_t target)
{
	struct eth_header *eth = (struct eth_header *)frame;
	struct arp_packet *arp = (struct arp_packet *)(eth + 1);

	*eth = (struct eth_header){
		.destination = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		.source = mac,
		.type = BE16(ETH_TYPE_ARP),
	};
	*arp = (struct arp_packet){
		.hardware_type = BE16(ARP_HARDWARE_ETHERNET),
		.protocol_type = BE16(ETH_TYPE_IPV4),
		.hardware_length = sizeof(arp->sender_mac),
		.protocol_length = sizeof(arp->sender_address),
		.operation = BE16(ARP_REQUEST),
		.sender_mac = mac,
		.sender_address = sender,
		.target_address = target,
	};
}

_Static_assert(ARP_REQUEST_LENGTH == sizeof(struct eth_header) + sizeof(struct arp_packet),
	"an untagged ARP packet");

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
