/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include <udpecho/control/explain.h>
#include <udpecho/datapath/chain.h>
#include <udpecho/packet/packet.h>

#include "explain_parts.h"
#include "format.h"

static void print_bytes(const struct dissection *d, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		fprintf(d->stream, " %02x", d->frame->data[i]);
}

static uint16_t ethertype(const struct dissection *d)
{
	return be16_get(*(const be16_t *)(d->ip - sizeof(be16_t)));
}

static void explain_arp(const struct dissection *d)
{
	const struct arp_packet *arp = (const struct arp_packet *)d->ip;
	const uint32_t there = d->frame->contiguous - d->packet.offset;

	if (there < sizeof(*arp)) {
		fprintf(d->stream, "%" PRIu32 " bytes are no ARP packet", there);
		return;
	}
	fprintf(d->stream, "hardware 0x%04x, protocol 0x%04x, operation %u, ",
		be16_get(arp->hardware_type), be16_get(arp->protocol_type),
		be16_get(arp->operation));
	fprintf(d->stream, "from %s for %s", format_ipv4(arp->sender_address).text,
		format_ipv4(arp->target_address).text);
}

static void explain_malformed_ip(const struct dissection *d)
{
	const uint32_t there = d->frame->length - d->packet.offset;
	const struct ipv4_header *ipv4 = ipv4_of(d);

	if (there < (is_ipv6(d) ? sizeof(struct ipv6_header) : sizeof(struct ipv4_header)))
		fprintf(d->stream, "%" PRIu32 " bytes are no IPv%d header", there,
			d->packet.family);
	else if (is_ipv6(d))
		fprintf(d->stream, "version %u, payload length %u, %" PRIu32 " bytes are there",
			*d->ip >> 4, be16_get(ipv6_of(d)->payload_length),
			there - (uint32_t)sizeof(struct ipv6_header));
	else
		fprintf(d->stream,
			"version %u, header length %u, total length %u, %" PRIu32
			" bytes are there",
			ipv4->version_ihl >> 4, (ipv4->version_ihl & 0x0f) * 4,
			be16_get(ipv4->total_length), there);
}

/* In IPv6, the packet's payload is the first extension header that is refused. */
static void explain_options(const struct dissection *d)
{
	const struct ip_packet *packet = &d->packet;
	const uint32_t there = RTE_MIN(packet->payload_length, 40U);

	if (is_ipv6(d)) {
		fprintf(d->stream, "extension header %u:", packet->protocol);
		print_bytes(
			d, packet->payload, RTE_MIN(packet->payload + there, d->frame->contiguous));
	} else {
		fprintf(d->stream, "options");
		print_bytes(
			d, packet->offset + (uint32_t)sizeof(struct ipv4_header), packet->payload);
	}
}

static void explain_fragment(const struct dissection *d)
{
	const uint8_t *header = d->frame->data + d->packet.fragment;
	const struct ipv6_fragment *ipv6 = (const struct ipv6_fragment *)header;
	unsigned int identification, first;
	bool more;

	if (is_ipv6(d) && d->packet.fragment == 0) {
		fprintf(d->stream, "%" PRIu32 " bytes are no fragment header",
			d->packet.payload_length);
		return;
	}
	if (is_ipv6(d)) {
		identification = be32_get(ipv6->identification);
		first = be16_get(ipv6->offset_more) & IPV6_OFFSET_MASK;
		more = be16_get(ipv6->offset_more) & IPV6_MORE_FRAGMENTS;
	} else {
		const uint16_t fragment = be16_get(ipv4_of(d)->fragment);

		identification = be16_get(ipv4_of(d)->identification);
		first = (fragment & IPV4_OFFSET_MASK) * 8U;
		more = fragment & IPV4_MORE_FRAGMENTS;
	}
	fprintf(d->stream,
		"identification 0x%0*x, bytes %u to %u%s: malformed, overlapping, or no room",
		is_ipv6(d) ? 8 : 4, identification, first, first + d->packet.payload_length,
		more ? ", more to come" : ", the last");
}

static void explain_ip_checksum(const struct dissection *d)
{
	struct ipv4_header copy[3]; /* room for 60 bytes */
	const uint32_t length = d->packet.payload - d->packet.offset;

	memcpy(copy, d->ip, length);
	copy->checksum = BE16(0);
	explain_checksum(d, ipv4_of(d)->checksum, checksum_finish(checksum_add(0, copy, length)));
}

/* What is behind the IP header is not here: the frame was cut within its extension headers. */
static bool is_out_of_reach(const struct dissection *d, enum verdict verdict)
{
	return verdict >= VERDICT_ICMP_IGNORED && verdict <= VERDICT_UDP_TTL &&
	       d->packet.payload_length >= sizeof(struct udp_header) &&
	       d->frame->contiguous - d->packet.payload < sizeof(struct udp_header);
}

static struct address_text source_of(const struct dissection *d)
{
	return is_ipv6(d) ? format_ipv6(ipv6_of(d)->source) : format_ipv4(ipv4_of(d)->source);
}

static void explain_not_for_us(const struct dissection *d)
{
	if (!is_ipv6(d)) {
		fprintf(d->stream, "%s is not ours", format_ipv4(ipv4_of(d)->destination).text);
		return;
	}
	fprintf(d->stream, "%s is not ours", format_ipv6(ipv6_of(d)->destination).text);
	if (ip_address_is_group6(ipv6_of(d)->destination))
		fprintf(d->stream, ", or a group that gets no such reply");
	else if (mac_is_group(&d->eth->destination))
		fprintf(d->stream, ", or came to the group %s",
			format_mac(&d->eth->destination).text);
}

/* Writes what was wrong, with the values of the frame. */
static void explain(const struct dissection *d, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ETH_RUNT:
		fprintf(d->stream, "%" PRIu32 " bytes are no Ethernet header", d->frame->length);
		break;
	case VERDICT_ETH_NOT_FOR_US:
		fprintf(d->stream, "from %s to %s", format_mac(&d->eth->source).text,
			format_mac(&d->eth->destination).text);
		break;
	case VERDICT_ETH_TYPE:
		fprintf(d->stream, "ethertype 0x%04x", ethertype(d));
		break;
	case VERDICT_ETH_SUPERFRAME:
		fprintf(d->stream, "%" PRIu32 " bytes, and more than the interface's MTU",
			d->frame->length);
		break;
	case VERDICT_ARP_IGNORED:
		explain_arp(d);
		break;
	case VERDICT_IP_MALFORMED:
		explain_malformed_ip(d);
		break;
	case VERDICT_IP_CHECKSUM:
		explain_ip_checksum(d);
		break;
	case VERDICT_IP_NOT_FOR_US:
		explain_not_for_us(d);
		break;
	case VERDICT_IP_OPTIONS:
		explain_options(d);
		break;
	case VERDICT_IP_FRAGMENT:
		explain_fragment(d);
		break;
	case VERDICT_IP_PROTOCOL:
		fprintf(d->stream, "%s %u", is_ipv6(d) ? "next header" : "protocol",
			d->packet.protocol);
		break;
	case VERDICT_ICMP_IGNORED:
		explain_icmp(d);
		break;
	case VERDICT_ND_IGNORED:
		explain_discovery(d);
		break;
	case VERDICT_UDP_MALFORMED:
	case VERDICT_UDP_CHECKSUM:
	case VERDICT_UDP_PORT:
	case VERDICT_UDP_SOURCE_PORT:
	case VERDICT_UDP_TTL:
		explain_udp(d, verdict);
		break;
	case VERDICT_IP_SOURCE:
		fprintf(d->stream, "source %s may not be answered", source_of(d).text);
		break;
	case VERDICT_ACL:
		fprintf(d->stream, "source %s is not allowed", source_of(d).text);
		break;
	default: /* rate-limit, which ARP packets have as well */
		fprintf(d->stream, "%s", verdict_text(verdict));
	}
}

/* Finds the IP header's payload, as far as the verdict says that there is one. */
static void find_payload(struct dissection *d, enum verdict verdict)
{
	struct ip_packet *packet = &d->packet;
	const uint32_t there = d->frame->contiguous - packet->offset;
	enum verdict refused;

	packet->payload = packet->offset;
	if (verdict == VERDICT_ETH_RUNT)
		return;
	if (ethertype(d) == ETH_TYPE_IPV6) {
		packet->family = IP_FAMILY_IPV6;
		if (there < sizeof(struct ipv6_header) || verdict == VERDICT_IP_MALFORMED)
			return;
		packet->payload += (uint32_t)sizeof(struct ipv6_header);
		packet->payload_length = be16_get(ipv6_of(d)->payload_length);
		packet->protocol = ipv6_of(d)->next_header;
		(void)ipv6_skip_extensions(d->frame, packet, &refused);
	} else if (there >= sizeof(struct ipv4_header)) {
		packet->payload += (ipv4_of(d)->version_ihl & 0x0fU) * 4;
		packet->payload_length =
			be16_get(ipv4_of(d)->total_length) - (packet->payload - packet->offset);
		packet->protocol = ipv4_of(d)->protocol;
	}
}

void explain_drop(const struct frame *frame, enum verdict verdict, FILE *stream)
{
	struct dissection d = {
		.stream = stream,
		.frame = frame,
		.is_cut = frame->rest == NULL && frame->length > frame->contiguous,
		.eth = (const struct eth_header *)frame->data,
		.ip = frame->data + sizeof(struct eth_header),
		.packet.family = IP_FAMILY_IPV4,
	};

	for (int tags = 0; tags < ETH_TAGS_MAX && verdict != VERDICT_ETH_RUNT; tags++)
		if (ethertype(&d) == ETH_TYPE_VLAN || ethertype(&d) == ETH_TYPE_QINQ)
			d.ip += sizeof(struct vlan_tag);
	d.packet.offset = (uint32_t)(d.ip - frame->data);
	find_payload(&d, verdict);
	if (is_out_of_reach(&d, verdict))
		fprintf(stream, "%s", verdict_text(verdict));
	else
		explain(&d, verdict);
}
