/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include "explain_parts.h"
#include "format.h"

void explain_checksum(const struct dissection *d, be16_t said, be16_t computed)
{
	fprintf(d->stream, "header says 0x%04x, computes to 0x%04x", be16_get(said),
		be16_get(computed));
}

static checksum_sum pseudo_header(const struct dissection *d, uint8_t protocol, uint32_t length)
{
	return is_ipv6(d) ? checksum_pseudo_header6(
				    &ipv6_of(d)->source, &ipv6_of(d)->destination, protocol, length)
			  : checksum_pseudo_header(ipv4_of(d)->source, ipv4_of(d)->destination,
				    protocol, BE16(length));
}

void explain_icmp(const struct dissection *d)
{
	const struct icmp_header *icmp = (const struct icmp_header *)payload_of(d);
	const uint32_t length = d->packet.payload_length;
	checksum_sum sum = 0;

	if (length < sizeof(*icmp)) {
		fprintf(d->stream, "%" PRIu32 " bytes are no ICMP%s message", length,
			is_ipv6(d) ? "v6" : "");
		return;
	}
	fprintf(d->stream, "type %u, code %u", icmp->type, icmp->code);
	if (d->is_cut)
		return;
	if (is_ipv6(d))
		sum = pseudo_header(d, IPV6_ICMP, length);
	sum = frame_checksum(d->frame, d->packet.payload, length, sum);
	fprintf(d->stream, ", checksum %s", checksum_finish(sum).raw == 0 ? "right" : "wrong");
	if (is_ipv6(d) && ip_address_is_group6(ipv6_of(d)->destination))
		fprintf(d->stream, ", to the group %s", format_ipv6(ipv6_of(d)->destination).text);
}

void explain_discovery(const struct dissection *d)
{
	const struct ndp_message *ndp = (const struct ndp_message *)payload_of(d);

	fprintf(d->stream, "type %u, code %u, hop limit %u", ndp->type, ndp->code,
		ipv6_of(d)->hop_limit);
	if (d->packet.payload_length >= sizeof(*ndp) &&
		d->frame->contiguous - d->packet.payload >= sizeof(*ndp) &&
		ndp->type >= NDP_SOLICITATION)
		fprintf(d->stream, ", from %s for %s", format_ipv6(ipv6_of(d)->source).text,
			format_ipv6(ndp->target).text);
}

static void explain_udp_checksum(const struct dissection *d, const struct udp_header *udp)
{
	const uint16_t length = be16_get(udp->length);
	checksum_sum sum = pseudo_header(d, IPV4_PROTOCOL_UDP, length);

	if (is_ipv6(d) && udp->checksum.raw == 0) {
		fprintf(d->stream, "header says 0, which IPv6 does not allow");
		return;
	}
	if (be16_equal(udp->checksum, checksum_fold(sum))) {
		fprintf(d->stream,
			"checksum 0x%04x is a partial one (checksum offload at the "
			"sender): --partial-checksums=on",
			be16_get(udp->checksum));
		return;
	}
	if (d->is_cut || length > d->frame->length - d->packet.payload) {
		fprintf(d->stream, "header says 0x%04x, which is wrong", be16_get(udp->checksum));
		return;
	}
	/* Adding the complement of the field takes it out of the sum. */
	sum = frame_checksum(d->frame, d->packet.payload, length, sum);
	explain_checksum(d, udp->checksum, checksum_finish(sum + (uint16_t)~udp->checksum.raw));
}

void explain_udp(const struct dissection *d, enum verdict verdict)
{
	const struct udp_header *udp = (const struct udp_header *)payload_of(d);
	const uint32_t there = d->packet.payload_length;

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
		explain_udp_checksum(d, udp);
		break;
	case VERDICT_UDP_PORT:
		fprintf(d->stream, "port %u is not served", be16_get(udp->destination_port));
		break;
	case VERDICT_UDP_SOURCE_PORT:
		fprintf(d->stream, "source port %u is never answered", be16_get(udp->source_port));
		break;
	default: /* VERDICT_UDP_TTL */
		if (is_ipv6(d))
			fprintf(d->stream, "hop limit %u leaves none for the reply",
				ipv6_of(d)->hop_limit);
		else
			fprintf(d->stream, "TTL %u leaves none for the reply", ipv4_of(d)->ttl);
	}
}
