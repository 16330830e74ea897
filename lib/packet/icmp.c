/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/packet.h>

enum verdict icmp_read(const struct frame *frame, const struct ip_packet *packet)
{
	const struct icmp_header *icmp =
		(const struct icmp_header *)(frame->data + packet->payload);
	checksum_sum sum;

	if (packet->payload_length < sizeof(*icmp) ||
		frame->contiguous - packet->payload < sizeof(*icmp))
		return VERDICT_ICMP_IGNORED;
	if (icmp->type != ICMP_ECHO || icmp->code != 0)
		return VERDICT_ICMP_IGNORED;
	sum = frame_checksum(frame, packet->payload, packet->payload_length, 0);
	if (checksum_finish(sum).raw != 0)
		return VERDICT_ICMP_IGNORED;
	return VERDICT_ICMP_ECHO;
}

void icmp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	struct icmp_header *icmp = (struct icmp_header *)(frame->data + packet->payload);

	icmp->type = ICMP_ECHO_REPLY;
	icmp->checksum =
		checksum_update(icmp->checksum, BE16(ICMP_ECHO << 8), BE16(ICMP_ECHO_REPLY << 8));
	/* One's complement has two zeros, and the update can't tell which of them is right if the
	 * rest of the message is all zeros (RFC 1624 section 3). So if it gives 0, the sum is
	 * computed in full. */
	if (icmp->checksum.raw == 0)
		icmp->checksum = checksum_finish(
			frame_checksum(frame, packet->payload, packet->payload_length, 0));
	ipv4_write_to(frame, packet, packet->payload_length, identity->ttl);
}

void icmp_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet)
{
	const struct ipv4_header *request =
		(const struct ipv4_header *)(frame->data + packet->offset);
	const uint32_t quoted = packet->payload - packet->offset + 8; /* header and 64 bits */
	const uint32_t icmp_length = (uint32_t)sizeof(struct icmp_header) + quoted;
	const uint32_t end = packet->offset + (uint32_t)ICMP_UNREACHABLE_HEADROOM + quoted;
	const be32_t from = request->destination, to = request->source;
	struct ipv4_header *ip;
	struct icmp_header *icmp;

	/* The quoted packet stays where it is; the Ethernet header and tags move to the front. */
	frame->data -= ICMP_UNREACHABLE_HEADROOM;
	memmove(frame->data, frame->data + ICMP_UNREACHABLE_HEADROOM, packet->offset);
	ip = (struct ipv4_header *)(frame->data + packet->offset);
	icmp = (struct icmp_header *)(ip + 1);
	/* RFC 1122 3.2.2: an ICMP error message goes out with the normal TOS. */
	*ip = (struct ipv4_header){
		.version_ihl = IPV4_VERSION << 4 | IPV4_IHL_MIN,
		.total_length = BE16(sizeof(*ip) + icmp_length),
		.fragment = BE16(IPV4_DONT_FRAGMENT),
		.ttl = identity->ttl,
		.protocol = IPV4_PROTOCOL_ICMP,
		.source = from,
		.destination = to,
	};
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
	*icmp = (struct icmp_header){.type = ICMP_UNREACHABLE, .code = ICMP_UNREACHABLE_PORT};
	icmp->checksum = checksum_finish(checksum_add(0, icmp, icmp_length));
	frame->length = end;
	frame->contiguous = end;
	eth_write_to(frame, identity->mac);
}
