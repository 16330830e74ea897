/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

/* Whether the access list denies the source of PACKET, which is valid and for us. */
static bool source_is_denied(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): set in another file */
	const struct ipv4_header *ip = (const struct ipv4_header *)(frame->data + packet->offset);

	return identity->source_is_allowed != NULL &&
	       !identity->source_is_allowed(identity->acl, ip_address_of_ipv4(ip->source));
}

static enum verdict service_read(const struct frame *frame, const struct datagram *datagram)
{
	switch (datagram->service) {
#define SERVICE(identifier, name, read, write, verdict, loop, plain) \
	case SERVICE_##identifier:                                   \
		return read(frame, datagram);
#include <udpecho/packet/services.def>
#undef SERVICE
	default:
		return VERDICT_UDP_PORT;
	}
}

enum verdict packet_read(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram)
{
	struct ip_packet *packet = &datagram->packet;
	enum verdict verdict;
	uint32_t offset;
	enum next next = eth_read(frame, identity, &offset, &verdict);

	if (next == NEXT_ARP) {
		packet->offset = offset;
		return arp_read(frame, identity, offset);
	}
	if (next == NEXT_NONE)
		return verdict;
	next = ipv4_read(frame, identity, offset, packet, &verdict);
	if (next == NEXT_NONE)
		return verdict == VERDICT_IP_MALFORMED &&
				       udp_is_cut_superframe(frame, identity, offset)
			       ? VERDICT_ETH_SUPERFRAME
			       : verdict;
	if (source_is_denied(frame, identity, packet))
		return VERDICT_ACL;
	switch (next) {
	case NEXT_UDP:
		next = udp_read_from(frame, identity, datagram, &verdict);
		return next == NEXT_SERVICE ? service_read(frame, datagram) : verdict;
	case NEXT_ICMP:
		return icmp_read(frame, packet);
	default:
		return VERDICT_IP_FRAGMENT_KEPT;
	}
}

void packet_write_reply(struct frame *frame, const struct identity *identity, enum verdict verdict,
	const struct datagram *datagram)
{
	switch (verdict) {
#define SERVICE(identifier, name, read, write, verdict, loop, plain) \
	case VERDICT_##verdict:                                      \
		write(frame, datagram);                              \
		udp_write_to(frame, datagram);                       \
		break;
#include <udpecho/packet/services.def>
#undef SERVICE
	case VERDICT_ICMP_ECHO:
		icmp_write_reply(frame, identity, &datagram->packet);
		break;
	case VERDICT_ICMP_UNREACHABLE:
		icmp_write_unreachable(frame, identity, &datagram->packet);
		break;
	case VERDICT_ARP_REPLY:
		arp_write_reply(frame, identity, datagram->packet.offset);
		break;
	default: /* no reply */
		break;
	}
}

enum verdict packet_answer(struct frame *frame, const struct identity *identity)
{
	struct datagram datagram;
	const enum verdict verdict = packet_read(frame, identity, &datagram);

	packet_write_reply(frame, identity, verdict, &datagram);
	return verdict;
}
