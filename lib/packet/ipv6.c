/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

/* No host sends more. The bound keeps a frame from costing more than its bytes are worth. */
#define EXTENSIONS_MAX 8

static bool is_extension(uint8_t header)
{
	return header == IPV6_HOP_BY_HOP || header == IPV6_ROUTING || header == IPV6_FRAGMENT ||
	       header == IPV6_DESTINATION_OPTIONS;
}

/*
 * RFC 8200 4.2: an option is a single byte of padding, or a type, a length and data. The type says
 * whether a node that does not know the option may skip it. We know none but the padding.
 */
static bool options_are_refused(const uint8_t *options, uint32_t length)
{
	uint32_t i = 0;

	/*@ loop assigns i;
	    loop variant length - i; */
	while (i < length) {
		if (options[i] == IPV6_OPTION_PAD1) {
			i++;
			continue;
		}
		if (options[i] & IPV6_OPTION_ACTION)
			return true;
		if (length - i < 2 || options[i + 1] > length - i - 2)
			return true;
		i += 2U + options[i + 1];
	}
	return false;
}

/* The bytes of PACKET behind the headers read so far that are in the frame's contiguous part. */
static uint32_t room_of(const struct frame *frame, const struct ip_packet *packet)
{
	const uint32_t contiguous = frame->contiguous - packet->payload;

	return contiguous < packet->payload_length ? contiguous : packet->payload_length;
}

/* Makes the header that follows the next LENGTH bytes, of which PROTOCOL tells, the next to read.
 */
static void skip(struct ip_packet *packet, uint32_t length, uint8_t protocol)
{
	packet->payload += length;
	packet->payload_length -= length;
	packet->protocol = protocol;
}

/* Skips hop-by-hop options, destination options, or a routing header that has been followed. */
static bool skip_extension(const struct frame *frame, struct ip_packet *packet)
{
	const struct ipv6_extension *extension =
		(const struct ipv6_extension *)(frame->data + packet->payload);
	const uint32_t room = room_of(frame, packet);
	uint32_t length;

	if (room < sizeof(*extension))
		return false;
	length = (uint32_t)sizeof(*extension) + extension->length * 8U;
	if (length > room)
		return false;
	if (packet->protocol == IPV6_ROUTING ? extension->segments_left != 0
					     : options_are_refused(&extension->type, length - 2))
		return false;
	skip(packet, length, extension->next_header);
	return true;
}

/* The offset and the flag of the fragment header at OFFSET. */
static uint16_t fragment_of(const struct frame *frame, uint32_t offset)
{
	return be16_get(((const struct ipv6_fragment *)(frame->data + offset))->offset_more) &
	       (IPV6_OFFSET_MASK | IPV6_MORE_FRAGMENTS);
}

/*
 * RFC 8200 4.5: every fragment but the last holds a multiple of 8 bytes, and none ends beyond the
 * greatest payload of a packet.
 */
static bool fragment_is_refused(uint16_t fragment, uint32_t payload_length)
{
	if ((fragment & IPV6_OFFSET_MASK) + payload_length > IPV6_PAYLOAD_MAX)
		return true;
	return (fragment & IPV6_MORE_FRAGMENTS) && (payload_length == 0 || payload_length % 8 != 0);
}

bool ipv6_skip_extensions(
	const struct frame *frame, struct ip_packet *packet, enum verdict *verdict)
{
	*verdict = VERDICT_IP_OPTIONS;
	/*@ loop invariant 0 <= count <= EXTENSIONS_MAX;
	    loop invariant \at(packet->payload, Pre) <= packet->payload <= frame->contiguous;
	    loop invariant packet->payload_length <= \at(packet->payload_length, Pre);
	    loop invariant packet->payload + packet->payload_length <= frame->length;
	    loop invariant packet->fragment == 0 ||
	      \at(packet->payload, Pre) <= packet->fragment <= frame->contiguous - 8;
	    loop assigns count, packet->payload, packet->payload_length, packet->protocol,
	      packet->fragment;
	    loop variant EXTENSIONS_MAX - count; */
	for (int count = 0; is_extension(packet->protocol); count++) {
		const struct ipv6_fragment *header =
			(const struct ipv6_fragment *)(frame->data + packet->payload);

		if (count == EXTENSIONS_MAX || (packet->protocol == IPV6_HOP_BY_HOP && count > 0))
			return false;
		if (packet->protocol != IPV6_FRAGMENT) {
			if (!skip_extension(frame, packet))
				return false;
			continue;
		}
		if (packet->fragment != 0)
			return false;
		if (room_of(frame, packet) < sizeof(*header)) {
			*verdict = VERDICT_IP_FRAGMENT;
			return false;
		}
		packet->fragment = packet->payload;
		skip(packet, sizeof(*header), header->next_header);
		if (fragment_of(frame, packet->fragment) != 0)
			return true;
	}
	return true;
}

enum next ipv6_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict)
{
	const struct eth_header *eth = (const struct eth_header *)frame->data;
	const struct ipv6_header *ip = (const struct ipv6_header *)(frame->data + offset);
	bool to_group;
	uint16_t fragment;

	if (frame->contiguous - offset < sizeof(*ip) ||
		be32_get(ip->version_class_label) >> 28 != IPV6_VERSION_NUMBER ||
		be16_get(ip->payload_length) > frame->length - offset - sizeof(*ip))
		return next_none(verdict, VERDICT_IP_MALFORMED);
	to_group = ip_address_is_group6(ip->destination);
	if (to_group ? !identity_joined_ipv6(identity, ip->destination)
		     : mac_is_group(&eth->destination) ||
				!identity_owns_ipv6(identity, ip->destination))
		return next_none(verdict, VERDICT_IP_NOT_FOR_US);
	if (identity_refuses_ipv6(identity, ip->source, ip->destination))
		return next_none(verdict, VERDICT_IP_SOURCE);
	*packet = (struct ip_packet){
		.family = IP_FAMILY_IPV6,
		.offset = offset,
		.payload = offset + (uint32_t)sizeof(*ip),
		.payload_length = be16_get(ip->payload_length),
		.protocol = ip->next_header,
	};
	if (!ipv6_skip_extensions(frame, packet, verdict))
		return NEXT_NONE;
	fragment = packet->fragment != 0 ? fragment_of(frame, packet->fragment) : 0;
	if (fragment != 0 && fragment_is_refused(fragment, packet->payload_length))
		return next_none(verdict, VERDICT_IP_FRAGMENT);
	/* To a group, we answer nothing but neighbour discovery, which is never in fragments. */
	if (to_group && (packet->protocol != IPV6_ICMP || fragment != 0))
		return next_none(verdict, VERDICT_IP_NOT_FOR_US);
	if (packet->protocol != IPV6_UDP && packet->protocol != IPV6_ICMP)
		return next_none(verdict, VERDICT_IP_PROTOCOL);
	if (fragment != 0)
		return NEXT_FRAGMENT;
	return packet->protocol == IPV6_UDP ? NEXT_UDP : NEXT_ICMP6;
}

/* Removes the extension headers: moves the headers before them up to the payload. */
static struct ipv6_header *drop_extensions(struct frame *frame, const struct ip_packet *packet)
{
	const uint32_t kept = packet->offset + (uint32_t)sizeof(struct ipv6_header);
	const uint32_t gap = packet->payload - kept;
	struct ipv6_header *ip;

	memmove(frame->data + gap, frame->data, kept);
	frame->data += gap;
	frame->contiguous -= gap;
	ip = (struct ipv6_header *)(frame->data + packet->offset);
	ip->next_header = packet->protocol;
	return ip;
}

void ipv6_write_to(struct frame *frame, const struct ip_packet *packet, uint32_t payload_length,
	uint8_t hop_limit)
{
	const uint32_t end = packet->offset + (uint32_t)sizeof(struct ipv6_header) + payload_length;
	struct ipv6_header *ip = (struct ipv6_header *)(frame->data + packet->offset);
	struct eth_header *eth;
	struct ip_address source, destination;

	if (packet->payload - packet->offset > sizeof(*ip))
		ip = drop_extensions(frame, packet);
	ip->payload_length = BE16(payload_length);
	ip->hop_limit = hop_limit;
	/* Swapping the addresses changes no checksum: a sum does not depend on their order. */
	source = ip->source;
	destination = ip->destination;
	ip->source = destination;
	ip->destination = source;

	frame->length = end;
	if (frame->contiguous > end)
		frame->contiguous = end;
	eth = (struct eth_header *)frame->data;
	eth_write_to(frame, eth->destination);
}
