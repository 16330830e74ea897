/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <udpecho/control/explain.h>
#include <udpecho/datapath/chain.h>
#include <udpecho/packet/packet.h>

#include "format.h"

/* A dropped frame, parsed as far as its verdict says that the headers are there. */
struct dissection {
	FILE *stream; /* gets the explanation */
	const struct frame *frame;
	bool is_cut; /* the rest of the frame is not here */
	const struct eth_header *eth;
	const struct ipv4_header *ip;
	uint32_t offset;  /* of IPv4 or ARP */
	uint32_t payload; /* of IPv4 */
};

static void print_checksum(const struct dissection *d, be16_t said, be16_t computed)
{
	fprintf(d->stream, "header says 0x%04x, computes to 0x%04x", be16_get(said),
		be16_get(computed));
}

static uint16_t ethertype(const struct dissection *d)
{
	return be16_get(*(const be16_t *)(d->frame->data + d->offset - sizeof(be16_t)));
}

static void explain_arp(const struct dissection *d)
{
	const struct arp_packet *arp = (const struct arp_packet *)(d->frame->data + d->offset);

	if (d->frame->contiguous - d->offset < sizeof(*arp)) {
		fprintf(d->stream, "%" PRIu32 " bytes are no ARP packet",
			d->frame->contiguous - d->offset);
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
	const uint32_t there = d->frame->length - d->offset;

	if (there < sizeof(*d->ip))
		fprintf(d->stream, "%" PRIu32 " bytes are no IPv4 header", there);
	else
		fprintf(d->stream,
			"version %u, header length %u, total length %u, %" PRIu32
			" bytes are there",
			d->ip->version_ihl >> 4, (d->ip->version_ihl & 0x0f) * 4,
			be16_get(d->ip->total_length), there);
}

static void explain_options(const struct dissection *d)
{
	fprintf(d->stream, "options");
	for (uint32_t i = d->offset + (uint32_t)sizeof(*d->ip); i < d->payload; i++)
		fprintf(d->stream, " %02x", d->frame->data[i]);
}

static void explain_fragment(const struct dissection *d)
{
	const uint16_t fragment = be16_get(d->ip->fragment);
	const unsigned int first = (fragment & IPV4_OFFSET_MASK) * 8U;

	fprintf(d->stream,
		"identification 0x%04x, bytes %u to %u%s: malformed, overlapping, or no room",
		be16_get(d->ip->identification), first,
		first + be16_get(d->ip->total_length) - (d->payload - d->offset),
		fragment & IPV4_MORE_FRAGMENTS ? ", more to come" : ", the last");
}

static void explain_icmp(const struct dissection *d)
{
	const struct icmp_header *icmp = (const struct icmp_header *)(d->frame->data + d->payload);
	const uint32_t length = be16_get(d->ip->total_length) - (d->payload - d->offset);

	if (length < sizeof(*icmp)) {
		fprintf(d->stream, "%" PRIu32 " bytes are no ICMP message", length);
		return;
	}
	fprintf(d->stream, "type %u, code %u", icmp->type, icmp->code);
	if (d->is_cut)
		return;
	fputs(", checksum ", d->stream);
	fputs(checksum_finish(frame_checksum(d->frame, d->payload, length, 0)).raw == 0 ? "right"
											: "wrong",
		d->stream);
}

static void explain_udp(const struct dissection *d, enum verdict verdict)
{
	const struct udp_header *udp = (const struct udp_header *)(d->frame->data + d->payload);
	const uint32_t there = be16_get(d->ip->total_length) - (d->payload - d->offset);
	checksum_sum sum;

	if (there < sizeof(*udp)) {
		fprintf(d->stream, "%" PRIu32 " bytes are no UDP header", there);
		return;
	}
	switch (verdict) {
	case VERDICT_UDP_MALFORMED:
		fprintf(d->stream, "length %u, %" PRIu32 " bytes are there", be16_get(udp->length),
			there);
		break;
	case VERDICT_UDP_CHECKSUM:
		sum = checksum_pseudo_header(
			d->ip->source, d->ip->destination, IPV4_PROTOCOL_UDP, udp->length);
		if (be16_equal(udp->checksum, checksum_fold(sum))) {
			fprintf(d->stream,
				"checksum 0x%04x is a partial one (checksum offload at the "
				"sender): --partial-checksums=on",
				be16_get(udp->checksum));
			break;
		}
		if (d->is_cut || be16_get(udp->length) > d->frame->length - d->payload) {
			fprintf(d->stream, "header says 0x%04x, which is wrong",
				be16_get(udp->checksum));
			break;
		}
		/* Adding the complement of the field takes it out of the sum. */
		sum = frame_checksum(d->frame, d->payload, be16_get(udp->length), sum);
		print_checksum(
			d, udp->checksum, checksum_finish(sum + (uint16_t)~udp->checksum.raw));
		break;
	case VERDICT_UDP_PORT:
		fprintf(d->stream, "port %u is not served", be16_get(udp->destination_port));
		break;
	case VERDICT_UDP_SOURCE_PORT:
		fprintf(d->stream, "source port %u is never answered", be16_get(udp->source_port));
		break;
	default: /* VERDICT_UDP_TTL */
		fprintf(d->stream, "TTL %u leaves none for the reply", d->ip->ttl);
	}
}

static void explain_ip_checksum(const struct dissection *d)
{
	struct ipv4_header copy[3]; /* room for 60 bytes */
	const uint32_t length = d->payload - d->offset;

	memcpy(copy, d->ip, length);
	copy->checksum = BE16(0);
	print_checksum(d, d->ip->checksum, checksum_finish(checksum_add(0, copy, length)));
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
		fprintf(d->stream, "%s is not ours", format_ipv4(d->ip->destination).text);
		break;
	case VERDICT_IP_OPTIONS:
		explain_options(d);
		break;
	case VERDICT_IP_FRAGMENT:
		explain_fragment(d);
		break;
	case VERDICT_IP_PROTOCOL:
		fprintf(d->stream, "protocol %u", d->ip->protocol);
		break;
	case VERDICT_ICMP_IGNORED:
		explain_icmp(d);
		break;
	case VERDICT_UDP_MALFORMED:
	case VERDICT_UDP_CHECKSUM:
	case VERDICT_UDP_PORT:
	case VERDICT_UDP_SOURCE_PORT:
	case VERDICT_UDP_TTL:
		explain_udp(d, verdict);
		break;
	case VERDICT_IP_SOURCE:
		fprintf(d->stream, "source %s may not be answered",
			format_ipv4(d->ip->source).text);
		break;
	case VERDICT_ACL:
		fprintf(d->stream, "source %s is not allowed", format_ipv4(d->ip->source).text);
		break;
	default: /* rate-limit, which ARP packets have as well */
		fprintf(d->stream, "%s", verdict_text(verdict));
	}
}

void explain_drop(const struct frame *frame, enum verdict verdict, FILE *stream)
{
	struct dissection d = {
		.stream = stream,
		.frame = frame,
		.is_cut = frame->rest == NULL && frame->length > frame->contiguous,
		.eth = (const struct eth_header *)frame->data,
		.offset = sizeof(struct eth_header),
	};

	for (int tags = 0; tags < ETH_TAGS_MAX && verdict != VERDICT_ETH_RUNT; tags++)
		if (ethertype(&d) == ETH_TYPE_VLAN || ethertype(&d) == ETH_TYPE_QINQ)
			d.offset += (uint32_t)sizeof(struct vlan_tag);
	d.ip = (const struct ipv4_header *)(frame->data + d.offset);
	d.payload = d.offset;
	if (frame->contiguous - d.offset >= sizeof(*d.ip) && verdict != VERDICT_ETH_RUNT)
		d.payload += (d.ip->version_ihl & 0x0fU) * 4;
	explain(&d, verdict);
}
