/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the fields of a plain frame lie, and the functions of each variant. */
#ifndef PACKET_PLAIN_FRAME_H
#define PACKET_PLAIN_FRAME_H

#include <udpecho/packet/plain.h>

/*
 * Every header of a plain frame lies in three loads of 16 bytes, at 0, 14 and 30. Frames that are
 * shorter than the last of them reaches are left to the reference.
 */
enum plain_offset {
	PLAIN_ETH = 0,
	PLAIN_IP = 14,
	PLAIN_TTL = 22,       /* TTL, protocol, header checksum */
	PLAIN_ADDRESSES = 26, /* source and destination, and behind them the UDP header */
	PLAIN_DESTINATION = 30,
	PLAIN_UDP = 34,
	PLAIN_LENGTH_MIN = 46,
};

/* A plain frame, up to its payload. */
struct WIRE_FORMAT plain_headers {
	struct eth_header eth;
	struct ipv4_header ip;
	struct udp_header udp;
};

_Static_assert(offsetof(struct plain_headers, ip.ttl) == PLAIN_TTL, "Ethernet without a tag");
_Static_assert(offsetof(struct plain_headers, udp) == PLAIN_UDP, "IPv4 without options");

/* Replies of other services are not their requests turned around. */
_Static_assert(SERVICES_PLAIN == 1 << SERVICE_ECHO, "what mask_serves() looks for");

uint32_t plain_read_scalar(const struct identity *identity, struct plain_frames *frames);
void plain_write_scalar(const struct plain_frames *frames, uint32_t set);

#ifdef __x86_64__
uint32_t plain_read_avx2(const struct identity *identity, struct plain_frames *frames);
void plain_write_avx2(const struct plain_frames *frames, uint32_t set);
uint32_t plain_read_avx512(const struct identity *identity, struct plain_frames *frames);
void plain_write_avx512(const struct plain_frames *frames, uint32_t set);
#endif

#endif
