/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vector primitives in plain C, with GROUP lanes of 32 bits, one lane for each frame. They
 * define what the primitives of an instruction set must do: tests compare each of those with the
 * one of the same name here, and the proofs read group.h with these. With one lane, they are the
 * scalar variant.
 *
 * A lane holds either a number in host order, or four bytes of a frame as they lie in memory.
 */
#ifndef PACKET_PLAIN_LANES_H
#define PACKET_PLAIN_LANES_H

#include <string.h>

#include <udpecho/packet/checksum.h>

#include "frame.h"

#ifndef GROUP
#define GROUP 1
#endif
#define CHUNK 1 /* how many frames turn_chunk() turns around */

typedef struct {
	uint32_t lane[GROUP];
} vec;

typedef uint32_t mask; /* bit i stands for lane i */

#define EACH_LANE(i) for (unsigned int i = 0; i < GROUP; i++)

/* Operations on each lane. */

static inline vec vec_set(uint32_t value)
{
	vec v;

	EACH_LANE(i)
	v.lane[i] = value;
	return v;
}

static inline vec vec_load(const uint32_t from[GROUP])
{
	vec v;

	memcpy(&v, from, sizeof(v));
	return v;
}

static inline void vec_store(uint32_t to[GROUP], vec v)
{
	memcpy(to, &v, sizeof(v));
}

#define LANES_BINARY(name, operator)                      \
	static inline vec name(vec a, vec b)              \
	{                                                 \
		EACH_LANE(i)                              \
		a.lane[i] = a.lane[i] operator b.lane[i]; \
		return a;                                 \
	}
LANES_BINARY(vec_add, +)
LANES_BINARY(vec_sub, -)
LANES_BINARY(vec_and, &)
LANES_BINARY(vec_or, |)
LANES_BINARY(vec_xor, ^)
#undef LANES_BINARY

static inline vec vec_left(vec v, int bits)
{
	EACH_LANE(i)
	v.lane[i] <<= bits;
	return v;
}

static inline vec vec_right(vec v, int bits)
{
	EACH_LANE(i)
	v.lane[i] >>= bits;
	return v;
}

/* Takes the lanes in M from YES, and the others from NO. */
static inline vec vec_choose(mask m, vec yes, vec no)
{
	EACH_LANE(i)
	no.lane[i] = m >> i & 1 ? yes.lane[i] : no.lane[i];
	return no;
}

/* The number that is at BYTE, 0 or 2, of each lane in network order. */
static inline vec vec_number16(vec v, int byte)
{
	EACH_LANE(i)
	v.lane[i] = be16_get((be16_t){(uint16_t)(v.lane[i] >> 8 * byte)});
	return v;
}

/* Folds a SUM of up to 2^31 once. The result is 0xffff if, and only if, a full fold gives that. */
static inline vec vec_fold(vec sum)
{
	EACH_LANE(i)
	sum.lane[i] = (sum.lane[i] & 0xffff) + (sum.lane[i] >> 16);
	return sum;
}

/* Masks. A comparison gives a mask of lanes that are in M. */

static inline mask mask_all(void)
{
	return (mask)((UINT64_C(1) << GROUP) - 1);
}

static inline mask mask_none(void)
{
	return 0;
}

static inline uint32_t mask_bits(mask m)
{
	return m;
}

static inline mask mask_or(mask a, mask b)
{
	return a | b;
}

static inline mask mask_and(mask a, mask b)
{
	return a & b;
}

static inline mask mask_without(mask m, mask other)
{
	return m & ~other;
}

#define LANES_COMPARE(name, a_lane, operator, b_lane)             \
	static inline mask name(mask m, vec a, vec b)             \
	{                                                         \
		mask result = 0;                                  \
                                                                  \
		EACH_LANE(i)                                      \
		result |= (mask)((a_lane) operator(b_lane)) << i; \
		return result & m;                                \
	}
LANES_COMPARE(mask_equal, a.lane[i], ==, b.lane[i])
LANES_COMPARE(mask_above, (int32_t)a.lane[i], >, (int32_t)b.lane[i])
LANES_COMPARE(mask_not_above, (int32_t)a.lane[i], <=, (int32_t)b.lane[i])
/* The lanes in which A has no bit of B. */
LANES_COMPARE(mask_clear, a.lane[i] & b.lane[i], ==, 0)
#undef LANES_COMPARE

/* The lanes whose port is in SET. */
static inline mask mask_in_set(mask m, const struct port_set *set, vec ports)
{
	mask result = 0;

	EACH_LANE(i)
	result |= (mask)port_set_has(set, BE16(ports.lane[i])) << i;
	return result & m;
}

/* The lanes whose port has the service with plain replies, echo. */
static inline mask mask_serves(mask m, const struct identity *identity, vec ports)
{
	mask result = 0;

	EACH_LANE(i)
	result |= (mask)(identity_service(identity, BE16(ports.lane[i])) == SERVICE_ECHO) << i;
	return result & m;
}

/* Operations on a group or a chunk of frames. */

static inline const struct plain_headers *headers_of(const uint8_t *data)
{
	return (const struct plain_headers *)data;
}

/* Loads 16 bytes at OFFSET of each frame: column i has the bytes 4 * i to 4 * i + 3 of them. */
static inline void group_columns(uint8_t *const data[GROUP], unsigned int offset, vec column[4])
{
	for (unsigned int part = 0; part < 4; part++)
		EACH_LANE(i)
	memcpy(&column[part].lane[i], data[i] + offset + 4 * (size_t)part,
		sizeof(column[part].lane[i]));
}

/* The frames to our MAC, not from a group, that carry IPv4 without options. */
static inline mask group_heads(const struct identity *identity, uint8_t *const data[GROUP])
{
	mask result = 0;

	EACH_LANE(i)
	{
		const struct plain_headers *h = headers_of(data[i]);

		result |= (mask)(mac_equal(&h->eth.destination, &identity->mac) &&
				  !mac_is_group(&h->eth.source) &&
				  h->eth.type.raw == BE16(ETH_TYPE_IPV4).raw &&
				  h->ip.version_ihl == (IPV4_VERSION << 4 | IPV4_IHL_MIN))
			  << i;
	}
	return result;
}

/* The lanes whose IPv4 header, of the columns IP and DESTINATION, has the right checksum. */
static inline mask group_headers_sum(
	mask m, uint8_t *const data[GROUP], const vec ip[4], vec destination)
{
	mask result = 0;

	(void)ip;
	(void)destination;
	EACH_LANE(i)
	result |= (mask)(checksum_finish(checksum_add(0, &headers_of(data[i])->ip,
						 sizeof(struct ipv4_header)))
				  .raw == 0)
		  << i;
	return result & m;
}

static inline bool datagram_sums(const struct plain_headers *h, uint32_t end)
{
	const checksum_sum sum = checksum_pseudo_header(
		h->ip.source, h->ip.destination, IPV4_PROTOCOL_UDP, h->udp.length);

	return checksum_finish(checksum_add(sum, &h->udp, end - PLAIN_UDP)).raw == 0;
}

/* The frames in SET whose UDP checksum is right. ENDS are the offsets at which datagrams end. */
static inline mask group_datagrams_sum(
	uint32_t set, uint8_t *const data[GROUP], const uint32_t ends[GROUP], vec udp_length)
{
	mask result = 0;

	(void)udp_length;
	EACH_LANE(i)
	if (set >> i & 1)
		result |= (mask)datagram_sums(headers_of(data[i]), ends[i]) << i;
	return result;
}

/* Swaps the MACs, the addresses and the ports of a frame. */
static inline void turn_frame(uint8_t *data)
{
	struct plain_headers *const h = (struct plain_headers *)data;
	const struct mac_address from = h->eth.destination;
	const be32_t address = h->ip.source;
	const be16_t port = h->udp.source_port;

	h->eth.destination = h->eth.source;
	h->eth.source = from;
	h->ip.source = h->ip.destination;
	h->ip.destination = address;
	h->udp.source_port = h->udp.destination_port;
	h->udp.destination_port = port;
}

static inline void turn_chunk(uint8_t *const data[CHUNK])
{
	turn_frame(data[0]);
}

#endif
