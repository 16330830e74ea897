/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain frames in portable C, one at a time: what the reference checks of them, without what it
 * has to do for all the others.
 */
#include <string.h>

#include <udpecho/packet/checksum.h>

#include "plain_frame.h"

/* A plain frame, up to its payload. */
struct WIRE_FORMAT headers {
	struct eth_header eth;
	struct ipv4_header ip;
	struct udp_header udp;
};

static inline bool eth_is_plain(const struct identity *identity, const struct eth_header *eth)
{
	return eth->type.raw == BE16(ETH_TYPE_IPV4).raw &&
	       mac_equal(&eth->destination, &identity->mac) && !mac_is_group(&eth->source);
}

/* No options, no fragment, UDP; the header's checksum is right. */
static inline bool ip_is_plain(const struct identity *identity, const struct ipv4_header *ip)
{
	return ip->version_ihl == (IPV4_VERSION << 4 | IPV4_IHL_MIN) &&
	       (be16_get(ip->fragment) & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) == 0 &&
	       ip->protocol == IPV4_PROTOCOL_UDP &&
	       checksum_finish(checksum_add(0, ip, sizeof(*ip))).raw == 0 &&
	       identity_owns(identity, ip->destination) &&
	       !identity_refuses_source(identity, ip->source);
}

static inline bool checksum_is_good(const struct headers *request, bool verified)
{
	const struct udp_header *udp = &request->udp;

	if (verified || udp->checksum.raw == 0)
		return true;
	return checksum_finish(checksum_add(checksum_pseudo_header(request->ip.source,
						    request->ip.destination, IPV4_PROTOCOL_UDP,
						    udp->length),
				       udp, be16_get(udp->length)))
		       .raw == 0;
}

/* TTL, protocol and header checksum of the reply, as they lie in memory. */
static inline uint32_t make_ttl(const struct ipv4_header *ip, uint8_t ttl)
{
	const be16_t before = BE16(ip->ttl << 8 | IPV4_PROTOCOL_UDP);
	const be16_t after = BE16(ttl << 8 | IPV4_PROTOCOL_UDP);
	const be16_t words[2] = {after, checksum_update(ip->checksum, before, after)};
	uint32_t word;

	memcpy(&word, words, sizeof(word));
	return word;
}

static inline bool read_frame(
	const struct identity *identity, struct plain_frames *frames, unsigned int i)
{
	const struct headers *const request = (const struct headers *)frames->data[i];
	const uint32_t length = frames->length[i];
	uint32_t total_length, udp_length;
	uint8_t ttl;

	if (length < PLAIN_LENGTH_MIN)
		return false;
	total_length = be16_get(request->ip.total_length);
	udp_length = be16_get(request->udp.length);
	if (udp_length < sizeof(request->udp) || total_length != sizeof(request->ip) + udp_length ||
		total_length > length - PLAIN_IP || total_length > frames->mtu)
		return false;
	if (!eth_is_plain(identity, &request->eth) || !ip_is_plain(identity, &request->ip))
		return false;
	if (!port_set_has(&identity->served, request->udp.destination_port) ||
		port_set_has(&identity->blocked, request->udp.source_port))
		return false;
	ttl = identity_reply_ttl(identity, request->ip.ttl, request->udp.destination_port);
	if (ttl == 0 || !checksum_is_good(request, frames->verified >> i & 1))
		return false;
	frames->reply_ttl[i] = make_ttl(&request->ip, ttl);
	frames->reply_length[i] = PLAIN_IP + total_length;
	frames->padded |= (uint32_t)(PLAIN_IP + total_length < length) << i;
	return true;
}

uint32_t plain_read_scalar(const struct identity *identity, struct plain_frames *frames)
{
	uint32_t set = 0;

	frames->padded = 0;
	for (unsigned int i = 0; i < frames->count; i++)
		set |= (uint32_t)read_frame(identity, frames, i) << i;
	return set;
}

void plain_write_scalar(const struct plain_frames *frames, uint32_t set)
{
	for (; set != 0; set &= set - 1) {
		const size_t i = (size_t)__builtin_ctz(set);
		struct headers *const frame = (struct headers *)frames->data[i];
		const struct mac_address from = frame->eth.destination;
		const be32_t address = frame->ip.source;
		const be16_t port = frame->udp.source_port;

		frame->eth.destination = frame->eth.source;
		frame->eth.source = from;
		frame->ip.source = frame->ip.destination;
		frame->ip.destination = address;
		frame->udp.source_port = frame->udp.destination_port;
		frame->udp.destination_port = port;
		memcpy(frames->data[i] + PLAIN_TTL, &frames->reply_ttl[i],
			sizeof(frames->reply_ttl[i]));
	}
}
