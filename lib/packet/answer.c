/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

/* Whether the access list denies the source of PACKET, which is valid and for us. */
static bool source_is_denied(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	return identity->source_is_allowed != NULL &&
	       !identity->source_is_allowed(identity->acl, ip_packet_source(frame, packet));
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
	const enum ip_family family = next == NEXT_IPV6 ? IP_FAMILY_IPV6 : IP_FAMILY_IPV4;

	if (next == NEXT_ARP) {
		packet->offset = offset;
		return arp_read(frame, identity, offset);
	}
	if (next == NEXT_NONE)
		return verdict;
	next = family == IP_FAMILY_IPV6 ? ipv6_read(frame, identity, offset, packet, &verdict)
					: ipv4_read(frame, identity, offset, packet, &verdict);
	if (next == NEXT_NONE)
		return verdict == VERDICT_IP_MALFORMED &&
				       udp_is_cut_superframe(frame, identity, family, offset)
			       ? VERDICT_ETH_SUPERFRAME
			       : verdict;
	if (next == NEXT_ICMP6 && icmp6_is_discovery(frame, packet))
		return icmp6_read(frame, identity, packet);
	if (source_is_denied(frame, identity, packet))
		return VERDICT_ACL;
	switch (next) {
	case NEXT_UDP:
		next = udp_read_from(frame, identity, datagram, &verdict);
		return next == NEXT_SERVICE ? service_read(frame, datagram) : verdict;
	case NEXT_ICMP:
		return icmp_read(frame, packet);
	case NEXT_ICMP6:
		return icmp6_read(frame, identity, packet);
	default:
		return VERDICT_IP_FRAGMENT_KEPT;
	}
}

void packet_write_reply(struct frame *frame, const struct identity *identity, enum verdict verdict,
	const struct datagram *datagram)
{
	const struct ip_packet *packet = &datagram->packet;

	switch (verdict) {
#define SERVICE(identifier, name, read, write, verdict, loop, plain) \
	case VERDICT_##verdict:                                      \
		write(frame, datagram);                              \
		udp_write_to(frame, datagram);                       \
		break;
#include <udpecho/packet/services.def>
#undef SERVICE
	case VERDICT_ICMP_ECHO:
		if (packet->family == IP_FAMILY_IPV6)
			icmp6_write_reply(frame, identity, packet);
		else
			icmp_write_reply(frame, identity, packet);
		break;
	case VERDICT_ICMP_UNREACHABLE:
		if (packet->family == IP_FAMILY_IPV6)
			icmp6_write_unreachable(frame, identity, packet);
		else
			icmp_write_unreachable(frame, identity, packet);
		break;
	case VERDICT_ND_REPLY:
		ndp_write_reply(frame, identity, packet);
		break;
	case VERDICT_ARP_REPLY:
		arp_write_reply(frame, identity, packet->offset);
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
