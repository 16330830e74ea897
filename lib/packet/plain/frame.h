/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the fields of a plain frame lie, and which functions each variant has. */
#ifndef PACKET_PLAIN_FRAME_H
#define PACKET_PLAIN_FRAME_H

#include <udpecho/packet/plain.h>

/*
 * Three loads of 16 bytes, at 0, 14 and 30, read all headers of a plain frame. The variants leave
 * a frame that ends before the last of these loads does to the reference.
 */
enum plain_offset {
	PLAIN_ETH = 0,
	PLAIN_IP = 14,
	PLAIN_TTL = 22,       /* TTL, protocol, header checksum */
	PLAIN_ADDRESSES = 26, /* source and destination; the UDP header follows */
	PLAIN_DESTINATION = 30,
	PLAIN_UDP = 34,
	PLAIN_LENGTH_MIN = 46,
};

/* The headers of a plain frame. */
struct WIRE_FORMAT plain_headers {
	struct eth_header eth;
	struct ipv4_header ip;
	struct udp_header udp;
};

_Static_assert(offsetof(struct plain_headers, ip.ttl) == PLAIN_TTL, "Ethernet without a tag");
_Static_assert(offsetof(struct plain_headers, udp) == PLAIN_UDP, "IPv4 without options");

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"group.h has numbers for the bytes of a frame as they lie in memory");

/* Only the reply of an echo is its request turned around. */
_Static_assert(SERVICES_PLAIN == 1 << SERVICE_ECHO, "what mask_serves() looks for");

uint32_t plain_read_scalar(const struct identity *identity, struct plain_frames *frames);
void plain_write_scalar(const struct plain_frames *frames, uint32_t set);

#ifdef __x86_64__
uint32_t plain_read_avx2(const struct identity *identity, struct plain_frames *frames);
void plain_write_avx2(const struct plain_frames *frames, uint32_t set);
uint32_t plain_read_avx512(const struct identity *identity, struct plain_frames *frames);
void plain_write_avx512(const struct plain_frames *frames, uint32_t set);
#elif defined(__aarch64__)
uint32_t plain_read_neon(const struct identity *identity, struct plain_frames *frames);
void plain_write_neon(const struct plain_frames *frames, uint32_t set);
#endif

#endif
