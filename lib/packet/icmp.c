/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet.h>

enum verdict icmp_read(const struct frame *frame, const struct ipv4_packet *packet)
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
	struct frame *frame, const struct identity *identity, const struct ipv4_packet *packet)
{
	struct icmp_header *icmp = (struct icmp_header *)(frame->data + packet->payload);

	icmp->type = ICMP_ECHO_REPLY;
	icmp->checksum =
		checksum_update(icmp->checksum, BE16(ICMP_ECHO << 8), BE16(ICMP_ECHO_REPLY << 8));
	/* Of a message that is all zeros the update can't tell the two zeros of one's complement
	 * apart (RFC 1624 section 3), so where it gives 0 the sum is made in full. */
	if (icmp->checksum.raw == 0)
		icmp->checksum = checksum_finish(
			frame_checksum(frame, packet->payload, packet->payload_length, 0));
	ipv4_write_to(frame, packet, packet->payload_length, identity->ttl);
}
