/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

/* An advertisement with the option that tells our MAC. */
struct WIRE_FORMAT advertisement {
	struct ipv6_header ip;
	struct ndp_message ndp;
	struct ndp_option option;
};

/* How many bytes the advertisement is longer than what may be written of FRAME from its start on.
 */
static uint32_t missing_room(const struct frame *frame, uint32_t offset)
{
	const uint32_t length = offset + (uint32_t)sizeof(struct advertisement);

	return frame->contiguous < length ? length - frame->contiguous : 0;
}

/*
 * Whether the message is there, and behind it whole options, of which none is empty (RFC 4861
 * 7.1.1). *HAS_SOURCE says whether one of them is the sender's link-layer address.
 */
static bool message_is_whole(
	const struct frame *frame, const struct ip_packet *packet, bool *has_source)
{
	const uint8_t *message = frame->data + packet->payload;
	const uint32_t length = packet->payload_length;
	uint32_t i = sizeof(struct ndp_message);

	*has_source = false;
	if (length < i || frame->contiguous - packet->payload < length)
		return false;
	/*@ loop assigns i, *has_source;
	    loop variant length - i; */
	while (i < length) {
		if (length - i < 8 || message[i + 1] == 0 || message[i + 1] * 8U > length - i)
			return false;
		if (message[i] == NDP_SOURCE_LINK_ADDRESS)
			*has_source = true;
		i += message[i + 1] * 8U;
	}
	return true;
}

enum verdict ndp_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	const struct ipv6_header *ip = (const struct ipv6_header *)(frame->data + packet->offset);
	const struct ndp_message *ndp;
	bool has_source;

	if (!message_is_whole(frame, packet, &has_source))
		return VERDICT_ND_IGNORED;
	ndp = (const struct ndp_message *)(frame->data + packet->payload);
	if (ndp->type != NDP_SOLICITATION || ndp->code != 0 || ip->hop_limit != NDP_HOP_LIMIT ||
		packet->fragment != 0 || frame->reassembled)
		return VERDICT_ND_IGNORED;
	/* identity_refuses_ipv6() lets :: ask a solicited-node group only. */
	if (ip_address_is_unspecified6(ip->source) && has_source)
		return VERDICT_ND_IGNORED;
	if (!identity_owns_ipv6(identity, ndp->target) ||
		frame->headroom < missing_room(frame, packet->offset))
		return VERDICT_ND_IGNORED;
	return VERDICT_ND_REPLY;
}

void ndp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	const struct mac_address all_nodes_mac = {{0x33, 0x33, 0, 0, 0, 1}};
	const struct ip_address all_nodes = {{BE32(0xff020000), BE32(0), BE32(0), BE32(1)}};
	const struct ipv6_header request =
		*(const struct ipv6_header *)(frame->data + packet->offset);
	const struct ip_address target =
		((const struct ndp_message *)(frame->data + packet->payload))->target;
	const bool is_probe = ip_address_is_unspecified6(request.source);
	const uint32_t shift = missing_room(frame, packet->offset);
	const uint32_t length = sizeof(struct advertisement) - sizeof(struct ipv6_header);
	const uint32_t end = packet->offset + (uint32_t)sizeof(struct advertisement);
	struct advertisement *reply;

	frame->data -= shift;
	memmove(frame->data, frame->data + shift, packet->offset);
	eth_write_to(frame, identity->mac);
	if (is_probe)
		((struct eth_header *)frame->data)->destination = all_nodes_mac;
	reply = (struct advertisement *)(frame->data + packet->offset);
	*reply = (struct advertisement){
		.ip = {.version_class_label = BE32((uint32_t)IPV6_VERSION_NUMBER << 28),
			.payload_length = BE16(length),
			.next_header = IPV6_ICMP,
			.hop_limit = NDP_HOP_LIMIT,
			.source = target,
			.destination = is_probe ? all_nodes : request.source},
		.ndp = {.type = NDP_ADVERTISEMENT,
			.flags = BE32(NDP_OVERRIDE | (is_probe ? 0 : NDP_SOLICITED)),
			.target = target},
		.option = {.type = NDP_TARGET_LINK_ADDRESS, .length = 1, .mac = identity->mac},
	};
	reply->ndp.checksum =
		checksum_finish(checksum_add(checksum_pseudo_header6(&reply->ip.source,
						     &reply->ip.destination, IPV6_ICMP, length),
			&reply->ndp, length));
	frame->length = end;
	frame->contiguous = end;
}
