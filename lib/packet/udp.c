/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

static checksum_sum pseudo_header(const struct datagram *datagram)
{
	if (datagram->packet.family == IP_FAMILY_IPV6)
		return checksum_pseudo_header6(
			&datagram->source, &datagram->destination, IPV6_UDP, datagram->length);
	return checksum_pseudo_header(ip_address_ipv4(datagram->source),
		ip_address_ipv4(datagram->destination), IPV4_PROTOCOL_UDP, BE16(datagram->length));
}

/* The sum of pseudo-header, header and payload. */
static checksum_sum full_sum(const struct frame *frame, const struct datagram *datagram)
{
	return frame_checksum(
		frame, datagram->packet.payload, datagram->length, pseudo_header(datagram));
}

/*
 * RFC 768: a checksum of zero says that the sender computed none, which IPv6 does not allow
 * (RFC 8200 8.1). RFC 1122 4.1.3.4: any other must be verified. On a virtual link, a partial
 * checksum is good too: it covers the pseudo-header only, because the sender left it to its
 * hardware to finish the sum.
 */
static bool checksum_is_good(const struct frame *frame, const struct identity *identity,
	const struct udp_header *udp, struct datagram *datagram)
{
	datagram->checksum_partial = false;
	if (udp->checksum.raw == 0)
		return datagram->packet.family == IP_FAMILY_IPV4;
	/* Some devices sum up to the packet's end, which is wrong if bytes follow the datagram. */
	if (frame->l4_checksum_good && datagram->length == datagram->packet.payload_length)
		return true;
	if (checksum_finish(full_sum(frame, datagram)).raw == 0)
		return true;
	datagram->checksum_partial =
		(identity->accept_partial || frame->l4_checksum_partial) &&
		be16_equal(udp->checksum, checksum_fold(pseudo_header(datagram)));
	return datagram->checksum_partial;
}

/*
 * Whether the frame holds several datagrams: the sender's kernel left it to its device to cut them
 * apart (UDP GSO), or our kernel joined datagrams that came apart (GRO). Both leave a partial
 * checksum. A datagram that was reassembled from IP fragments may be as long, but has a full
 * checksum, because its sender can't send a fragment before it has summed all of them.
 */
static bool is_superframe(const struct identity *identity, const struct datagram *datagram)
{
	const struct ip_packet *packet = &datagram->packet;

	return datagram->checksum_partial && identity->link_mtu != 0 &&
	       packet->payload - packet->offset + packet->payload_length > identity->link_mtu;
}

static bool is_cut_superframe4(const struct frame *frame, uint32_t offset)
{
	const struct ipv4_header *ip = (const struct ipv4_header *)(frame->data + offset);
	const struct udp_header *udp;
	uint32_t header_length;

	if (frame->contiguous - offset < sizeof(*ip))
		return false;
	header_length = (ip->version_ihl & 0x0f) * 4U;
	if (ip->version_ihl >> 4 != IPV4_VERSION || header_length < sizeof(*ip) ||
		header_length + sizeof(*udp) > frame->contiguous - offset ||
		ip->protocol != IPV4_PROTOCOL_UDP)
		return false;
	udp = (const struct udp_header *)(frame->data + offset + header_length);
	return be16_equal(udp->checksum, checksum_fold(checksum_pseudo_header(ip->source,
						 ip->destination, IPV4_PROTOCOL_UDP, udp->length)));
}

static bool is_cut_superframe6(const struct frame *frame, uint32_t offset)
{
	const struct ipv6_header *ip = (const struct ipv6_header *)(frame->data + offset);
	const struct udp_header *udp = (const struct udp_header *)(ip + 1);

	if (frame->contiguous - offset < sizeof(*ip) + sizeof(*udp) ||
		be32_get(ip->version_class_label) >> 28 != IPV6_VERSION_NUMBER ||
		ip->next_header != IPV6_UDP)
		return false;
	return be16_equal(
		udp->checksum, checksum_fold(checksum_pseudo_header6(&ip->source, &ip->destination,
				       IPV6_UDP, be16_get(udp->length))));
}

bool udp_is_cut_superframe(const struct frame *frame, const struct identity *identity,
	enum ip_family family, uint32_t offset)
{
	if (!identity->accept_partial || identity->link_mtu == 0 ||
		frame->length - offset <= identity->link_mtu)
		return false;
	return family == IP_FAMILY_IPV6 ? is_cut_superframe6(frame, offset)
					: is_cut_superframe4(frame, offset);
}

/* We send no report about what came in fragments (RFC 1122 3.2.2), or if there is no headroom. */
static bool may_report(
	const struct frame *frame, const struct identity *identity, enum ip_family family)
{
	return identity->report_unreachable && !frame->reassembled &&
	       frame->headroom >= (family == IP_FAMILY_IPV6 ? ICMP6_UNREACHABLE_HEADROOM
							    : ICMP_UNREACHABLE_HEADROOM);
}

/* Reads the addresses of DATAGRAM's packet, and returns the TTL or hop limit that it came with. */
static uint8_t read_ip(const struct frame *frame, struct datagram *datagram)
{
	const uint8_t *data = frame->data + datagram->packet.offset;
	const struct ipv4_header *ipv4 = (const struct ipv4_header *)data;
	const struct ipv6_header *ipv6 = (const struct ipv6_header *)data;

	if (datagram->packet.family == IP_FAMILY_IPV6) {
		datagram->source = ipv6->source;
		datagram->destination = ipv6->destination;
		return ipv6->hop_limit;
	}
	datagram->source = ip_address_of_ipv4(ipv4->source);
	datagram->destination = ip_address_of_ipv4(ipv4->destination);
	return ipv4->ttl;
}

enum next udp_read_from(const struct frame *frame, const struct identity *identity,
	struct datagram *datagram, enum verdict *verdict)
{
	const struct ip_packet *packet = &datagram->packet;
	const struct udp_header *udp;
	uint8_t ttl;

	if (packet->payload_length < sizeof(*udp) ||
		frame->contiguous - packet->payload < sizeof(*udp))
		return next_none(verdict, VERDICT_UDP_MALFORMED);
	udp = (const struct udp_header *)(frame->data + packet->payload);
	datagram->length = be16_get(udp->length);
	if (datagram->length < sizeof(*udp) || datagram->length > packet->payload_length)
		return next_none(verdict, VERDICT_UDP_MALFORMED);
	ttl = read_ip(frame, datagram);
	datagram->source_port = udp->source_port;
	datagram->destination_port = udp->destination_port;
	if (!checksum_is_good(frame, identity, udp, datagram))
		return next_none(verdict, VERDICT_UDP_CHECKSUM);
	if (is_superframe(identity, datagram))
		return next_none(verdict, VERDICT_ETH_SUPERFRAME);
	datagram->service = identity_service(identity, udp->destination_port);
	if (datagram->service == SERVICE_NONE)
		return next_none(verdict, may_report(frame, identity, packet->family)
						  ? VERDICT_ICMP_UNREACHABLE
						  : VERDICT_UDP_PORT);
	if (port_set_has(&identity->blocked, udp->source_port))
		return next_none(verdict, VERDICT_UDP_SOURCE_PORT);
	datagram->ttl = identity_reply_ttl(identity, ttl, udp->destination_port);
	if (datagram->ttl == 0)
		return next_none(verdict, VERDICT_UDP_TTL);
	return NEXT_SERVICE;
}

/* Computes the checksum that the sender left to its hardware. 0 would say that there is none. */
static void finish_checksum(
	const struct frame *frame, const struct datagram *datagram, struct udp_header *udp)
{
	udp->checksum = BE16(0);
	udp->checksum = checksum_finish(full_sum(frame, datagram));
	if (udp->checksum.raw == 0)
		udp->checksum = BE16(0xffff);
}

void udp_write_to(struct frame *frame, const struct datagram *datagram)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): set in another file */
	struct udp_header *udp = (struct udp_header *)(frame->data + datagram->packet.payload);

	if (datagram->checksum_partial)
		finish_checksum(frame, datagram, udp);
	udp->source_port = datagram->destination_port;
	udp->destination_port = datagram->source_port;
	if (datagram->packet.family == IP_FAMILY_IPV6)
		ipv6_write_to(frame, &datagram->packet, datagram->length, datagram->ttl);
	else
		ipv4_write_to(frame, &datagram->packet, datagram->length, datagram->ttl);
}
