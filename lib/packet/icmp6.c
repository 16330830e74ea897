/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

/* The sum of pseudo-header and message. */
static checksum_sum message_sum(const struct frame *frame, const struct ip_packet *packet)
{
	const struct ipv6_header *ip = (const struct ipv6_header *)(frame->data + packet->offset);

	return frame_checksum(frame, packet->payload, packet->payload_length,
		checksum_pseudo_header6(
			&ip->source, &ip->destination, IPV6_ICMP, packet->payload_length));
}

static const struct icmp_header *message_of(
	const struct frame *frame, const struct ip_packet *packet)
{
	return (const struct icmp_header *)(frame->data + packet->payload);
}

static bool has_header(const struct frame *frame, const struct ip_packet *packet)
{
	return packet->payload_length >= sizeof(struct icmp_header) &&
	       frame->contiguous - packet->payload >= sizeof(struct icmp_header);
}

bool icmp6_is_discovery(const struct frame *frame, const struct ip_packet *packet)
{
	const struct icmp_header *icmp;

	if (!has_header(frame, packet))
		return false;
	icmp = message_of(frame, packet);
	return icmp->type >= NDP_ROUTER_SOLICITATION && icmp->type <= NDP_REDIRECT;
}

enum verdict icmp6_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	const struct ipv6_header *ip = (const struct ipv6_header *)(frame->data + packet->offset);
	const struct icmp_header *icmp;

	if (!has_header(frame, packet) || checksum_finish(message_sum(frame, packet)).raw != 0)
		return VERDICT_ICMP_IGNORED;
	if (icmp6_is_discovery(frame, packet))
		return ndp_read(frame, identity, packet);
	icmp = message_of(frame, packet);
	if (icmp->type != ICMP6_ECHO || icmp->code != 0 || ip_address_is_group6(ip->destination))
		return VERDICT_ICMP_IGNORED;
	return VERDICT_ICMP_ECHO;
}

void icmp6_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	struct icmp_header *icmp = (struct icmp_header *)(frame->data + packet->payload);

	icmp->type = ICMP6_ECHO_REPLY;
	icmp->checksum = BE16(0);
	icmp->checksum = checksum_finish(message_sum(frame, packet));
	ipv6_write_to(frame, packet, packet->payload_length, identity->ttl);
}

void icmp6_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	const struct ipv6_header *request =
		(const struct ipv6_header *)(frame->data + packet->offset);
	const struct ip_address from = request->destination, to = request->source;
	const uint32_t room = IPV6_MTU_MIN - ICMP6_UNREACHABLE_HEADROOM;
	uint32_t quoted = packet->payload - packet->offset + packet->payload_length;
	struct ip_packet error = {
		.offset = packet->offset,
		.payload = packet->offset + (uint32_t)ICMP6_UNREACHABLE_HEADROOM -
			   (uint32_t)sizeof(struct icmp_header),
	};
	struct icmp_header *icmp;
	uint32_t end;

	if (quoted > room)
		quoted = room;
	error.payload_length = (uint32_t)sizeof(*icmp) + quoted;
	end = error.payload + error.payload_length;
	/* The quoted packet stays where it is; the Ethernet header and tags move to the front. */
	frame->data -= ICMP6_UNREACHABLE_HEADROOM;
	frame->contiguous += ICMP6_UNREACHABLE_HEADROOM;
	memmove(frame->data, frame->data + ICMP6_UNREACHABLE_HEADROOM, packet->offset);
	*(struct ipv6_header *)(frame->data + error.offset) = (struct ipv6_header){
		.version_class_label = BE32((uint32_t)IPV6_VERSION_NUMBER << 28),
		.payload_length = BE16(error.payload_length),
		.next_header = IPV6_ICMP,
		.hop_limit = identity->ttl,
		.source = from,
		.destination = to,
	};
	icmp = (struct icmp_header *)(frame->data + error.payload);
	*icmp = (struct icmp_header){.type = ICMP6_UNREACHABLE, .code = ICMP6_UNREACHABLE_PORT};
	frame->length = end;
	if (frame->contiguous > end)
		frame->contiguous = end;
	icmp->checksum = checksum_finish(message_sum(frame, &error));
	eth_write_to(frame, identity->mac);
}
