/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

static const struct mac_address broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

enum next eth_read(const struct frame *frame, const struct identity *identity, uint32_t *payload,
	enum verdict *verdict)
{
	const struct eth_header *eth = (const struct eth_header *)frame->data;
	uint32_t offset = sizeof(*eth);
	uint16_t type;

	if (frame->contiguous < offset)
		return next_none(verdict, VERDICT_ETH_RUNT);
	type = be16_get(eth->type);
	/*@ loop invariant 0 <= tags <= ETH_TAGS_MAX;
	    loop invariant offset == 14 + 4 * tags && offset <= frame->contiguous;
	    loop assigns tags, type, offset, *verdict;
	    loop variant ETH_TAGS_MAX - tags; */
	for (int tags = 0; tags < ETH_TAGS_MAX; tags++) {
		const struct vlan_tag *tag = (const struct vlan_tag *)(frame->data + offset);

		if (type != ETH_TYPE_VLAN && type != ETH_TYPE_QINQ)
			break;
		if (frame->contiguous - offset < sizeof(*tag))
			return next_none(verdict, VERDICT_ETH_RUNT);
		type = be16_get(tag->type);
		offset += sizeof(*tag);
	}
	if (!mac_equal(&eth->destination, &identity->mac) &&
		!(type == ETH_TYPE_ARP && mac_equal(&eth->destination, &broadcast)) &&
		!(type == ETH_TYPE_IPV6 && identity_joined_mac(identity, &eth->destination)))
		return next_none(verdict, VERDICT_ETH_NOT_FOR_US);
	if (mac_is_group(&eth->source))
		return next_none(verdict, VERDICT_ETH_NOT_FOR_US);
	*payload = offset;
	if (type == ETH_TYPE_ARP)
		return NEXT_ARP;
	if (type == ETH_TYPE_IPV4)
		return NEXT_IPV4;
	if (type == ETH_TYPE_IPV6)
		return NEXT_IPV6;
	return next_none(verdict, VERDICT_ETH_TYPE);
}

void eth_write_to(struct frame *frame, struct mac_address from)
{
	struct eth_header *eth = (struct eth_header *)frame->data;
	const struct mac_address to = eth->source;

	eth->destination = to;
	eth->source = from;
}
