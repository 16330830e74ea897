/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

/*
 * RFC 791 3.1: an option is a single byte, or a type, a length and data. Malformed options and
 * source routes are refused (RFC 7126 4.3, 4.4), because the reply to a source route would have to
 * go back along a route that the sender chose.
 */
static bool options_are_refused(const uint8_t *options, uint32_t length)
{
	uint32_t i = 0;

	/*@ loop assigns i;
	    loop variant length - i; */
	while (i < length && options[i] != IPV4_OPTION_END) {
		if (options[i] == IPV4_OPTION_NOP) {
			i++;
			continue;
		}
		if (options[i] == IPV4_OPTION_LSRR || options[i] == IPV4_OPTION_SSRR)
			return true;
		if (length - i < 2 || options[i + 1] < 2 || options[i + 1] > length - i)
			return true;
		i += options[i + 1];
	}
	return false;
}

/*
 * RFC 791 3.2: every fragment but the last holds a multiple of 8 bytes, and none ends beyond the
 * greatest total length of a packet, as those of the ping of death did.
 */
static bool fragment_is_refused(uint16_t fragment, uint32_t payload_length)
{
	const uint32_t offset = (fragment & IPV4_OFFSET_MASK) * 8U;

	if (offset + payload_length > IPV4_LENGTH_MAX - sizeof(struct ipv4_header))
		return true;
	return (fragment & IPV4_MORE_FRAGMENTS) && (payload_length == 0 || payload_length % 8 != 0);
}

static bool is_fragment(uint16_t fragment)
{
	return fragment & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK);
}

enum next ipv4_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict)
{
	const struct ipv4_header *ip = (const struct ipv4_header *)(frame->data + offset);
	uint32_t header_length, total_length;
	uint16_t fragment;

	if (frame->contiguous - offset < sizeof(*ip))
		return next_none(verdict, VERDICT_IP_MALFORMED);
	header_length = (ip->version_ihl & 0x0f) * 4U;
	total_length = be16_get(ip->total_length);
	if (ip->version_ihl >> 4 != IPV4_VERSION || header_length < sizeof(*ip) ||
		header_length > frame->contiguous - offset || header_length > total_length ||
		total_length > frame->length - offset)
		return next_none(verdict, VERDICT_IP_MALFORMED);
	if (checksum_finish(checksum_add(0, ip, header_length)).raw != 0)
		return next_none(verdict, VERDICT_IP_CHECKSUM);
	if (!identity_owns_ipv4(identity, ip->destination))
		return next_none(verdict, VERDICT_IP_NOT_FOR_US);
	if (identity_refuses_ipv4(identity, ip->source))
		return next_none(verdict, VERDICT_IP_SOURCE);
	if (options_are_refused((const uint8_t *)(ip + 1), header_length - (uint32_t)sizeof(*ip)))
		return next_none(verdict, VERDICT_IP_OPTIONS);
	fragment = be16_get(ip->fragment);
	packet->family = IP_FAMILY_IPV4;
	packet->offset = offset;
	packet->payload = offset + header_length;
	packet->payload_length = total_length - header_length;
	packet->fragment = is_fragment(fragment) ? offset : 0;
	packet->protocol = ip->protocol;
	if (packet->fragment != 0 && fragment_is_refused(fragment, packet->payload_length))
		return next_none(verdict, VERDICT_IP_FRAGMENT);
	if (ip->protocol != IPV4_PROTOCOL_UDP && ip->protocol != IPV4_PROTOCOL_ICMP)
		return next_none(verdict, VERDICT_IP_PROTOCOL);
	if (packet->fragment != 0)
		return NEXT_FRAGMENT;
	return ip->protocol == IPV4_PROTOCOL_UDP ? NEXT_UDP : NEXT_ICMP;
}

/* Removes the options: moves the headers before them up to the payload. */
static struct ipv4_header *drop_options(struct frame *frame, const struct ip_packet *packet)
{
	const uint32_t kept = packet->offset + (uint32_t)sizeof(struct ipv4_header);
	const uint32_t gap = packet->payload - kept;
	struct ipv4_header *ip;

	memmove(frame->data + gap, frame->data, kept);
	frame->data += gap;
	frame->contiguous -= gap;
	ip = (struct ipv4_header *)(frame->data + packet->offset);
	ip->version_ihl = IPV4_VERSION << 4 | IPV4_IHL_MIN;
	ip->checksum = BE16(0);
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
	return ip;
}

/* The 16-bit word that holds the TTL, as the checksum sees it. */
static be16_t ttl_word(const struct ipv4_header *ip)
{
	return BE16(ip->ttl << 8 | ip->protocol);
}

void ipv4_write_to(
	struct frame *frame, const struct ip_packet *packet, uint32_t payload_length, uint8_t ttl)
{
	const uint32_t total_length = (uint32_t)sizeof(struct ipv4_header) + payload_length;
	const uint32_t end = packet->offset + total_length;
	struct ipv4_header *ip = (struct ipv4_header *)(frame->data + packet->offset);
	struct eth_header *eth;
	be32_t source, destination;
	be16_t before;

	if (packet->payload - packet->offset > sizeof(*ip))
		ip = drop_options(frame, packet);
	if (be16_get(ip->total_length) != total_length) {
		before = ip->total_length;
		ip->total_length = BE16(total_length);
		ip->checksum = checksum_update(ip->checksum, before, ip->total_length);
	}
	before = ttl_word(ip);
	ip->ttl = ttl;
	ip->checksum = checksum_update(ip->checksum, before, ttl_word(ip));
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
