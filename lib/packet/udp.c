/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet.h>

/* RFC 768: a zero checksum says that the sender made none. RFC 1122 4.1.3.4: verify the others. */
static bool checksum_is_good(
	const struct frame *frame, const struct datagram *datagram, const struct udp_header *udp)
{
	checksum_sum sum;

	if (udp->checksum.raw == 0 || frame->l4_checksum_good)
		return true;
	sum = checksum_pseudo_header(
		datagram->source, datagram->destination, IPV4_PROTOCOL_UDP, udp->length);
	sum = frame_checksum(frame, datagram->packet.payload, datagram->length, sum);
	return checksum_finish(sum).raw == 0;
}

/* The UDP header of a packet that ipv4_read() has admitted. */
static enum verdict udp_read(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram)
{
	const struct ipv4_packet *packet = &datagram->packet;
	const struct ipv4_header *ip = (const struct ipv4_header *)(frame->data + packet->offset);
	const struct udp_header *udp = (const struct udp_header *)(frame->data + packet->payload);

	if (packet->payload_length < sizeof(*udp) ||
		frame->contiguous - packet->payload < sizeof(*udp))
		return VERDICT_UDP_MALFORMED;
	datagram->length = be16_get(udp->length);
	if (datagram->length < sizeof(*udp) || datagram->length > packet->payload_length)
		return VERDICT_UDP_MALFORMED;
	datagram->source = ip->source;
	datagram->destination = ip->destination;
	datagram->source_port = udp->source_port;
	datagram->destination_port = udp->destination_port;
	if (!checksum_is_good(frame, datagram, udp))
		return VERDICT_UDP_CHECKSUM;
	if (!port_set_has(&identity->served, udp->destination_port))
		return VERDICT_UDP_PORT;
	if (port_set_has(&identity->blocked, udp->source_port))
		return VERDICT_UDP_SOURCE_PORT;
	/* A TTL that only falls ends any loop between two servers that answer every port. */
	datagram->ttl = identity->ttl;
	if (identity->ttl_decrement && ip->ttl <= identity->ttl) {
		if (ip->ttl <= 1)
			return VERDICT_UDP_TTL;
		datagram->ttl = ip->ttl - 1;
	}
	return VERDICT_UDP_ECHO;
}

enum verdict udp_read_from(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram)
{
	uint32_t offset;
	enum verdict verdict = eth_read(frame, identity, &offset);

	if (verdict == VERDICT_ARP_REPLY) {
		datagram->packet.offset = offset;
		return arp_read(frame, identity, offset);
	}
	if (verdict == VERDICT_UDP_ECHO)
		verdict = ipv4_read(frame, identity, offset, &datagram->packet);
	if (verdict == VERDICT_ICMP_ECHO)
		return icmp_read(frame, &datagram->packet);
	if (verdict == VERDICT_UDP_ECHO)
		verdict = udp_read(frame, identity, datagram);
	return verdict;
}

void udp_write_to(struct frame *frame, const struct datagram *datagram)
{
	struct udp_header *udp = (struct udp_header *)(frame->data + datagram->packet.payload);

	udp->source_port = datagram->destination_port;
	udp->destination_port = datagram->source_port;
	ipv4_write_to(frame, &datagram->packet, datagram->length, datagram->ttl);
}

enum verdict packet_answer(struct frame *frame, const struct identity *identity)
{
	struct datagram datagram;
	const enum verdict verdict = udp_read_from(frame, identity, &datagram);

	switch (verdict) {
	case VERDICT_UDP_ECHO:
		udp_write_to(frame, &datagram);
		break;
	case VERDICT_ICMP_ECHO:
		icmp_write_reply(frame, identity, &datagram.packet);
		break;
	case VERDICT_ARP_REPLY:
		arp_write_reply(frame, identity, datagram.packet.offset);
		break;
	default: /* dropped: nothing to write */
		break;
	}
	return verdict;
}
