/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The formats on the wire, and nothing else: Ethernet (IEEE 802.3), VLAN tags (802.1Q, 802.1ad),
 * ARP (RFC 826), IPv4 (RFC 791), ICMP (RFC 792), IPv6 (RFC 8200), ICMPv6 (RFC 4443), neighbour
 * discovery (RFC 4861) and UDP (RFC 768).
 *
 * A value in network byte order has its own type, be16_t or be32_t. The type is a struct, so that
 * code that mixes it with a number in host order does not compile. Every struct in this header is
 * packed, because it may lie at any address of a frame.
 */
#ifndef UDPECHO_WIRE_H
#define UDPECHO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIRE_FORMAT __attribute__((packed, may_alias))

/* A number in network byte order. */
typedef struct WIRE_FORMAT {
	uint16_t raw;
} be16_t;
typedef struct WIRE_FORMAT {
	uint32_t raw;
} be32_t;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WIRE_SWAP16(value) __builtin_bswap16(value)
#define WIRE_SWAP32(value) __builtin_bswap32(value)
#else
#define WIRE_SWAP16(value) (value)
#define WIRE_SWAP32(value) (value)
#endif

/* A constant in network order, from VALUE in host order. Static initialisers may use it. */
#define BE16(value) ((be16_t){WIRE_SWAP16((uint16_t)(value))})
#define BE32(value) ((be32_t){WIRE_SWAP32((uint32_t)(value))})

/** VALUE in host order. */
static inline uint16_t be16_get(be16_t value)
{
	return WIRE_SWAP16(value.raw);
}

/** VALUE in host order. */
static inline uint32_t be32_get(be32_t value)
{
	return WIRE_SWAP32(value.raw);
}

/** True when two values in network order are the same. */
static inline bool be16_equal(be16_t a, be16_t b)
{
	return a.raw == b.raw;
}

/** True when two values in network order are the same. */
static inline bool be32_equal(be32_t a, be32_t b)
{
	return a.raw == b.raw;
}

/* Ethernet: IEEE 802.3, 802.1Q. */
struct WIRE_FORMAT mac_address {
	uint8_t bytes[6];
};

/** True when two MAC addresses are the same. */
static inline bool mac_equal(const struct mac_address *a, const struct mac_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/** Whether MAC is a group address: its first bit on the wire is 1 (IEEE 802.3 3.2.3). */
static inline bool mac_is_group(const struct mac_address *mac)
{
	return mac->bytes[0] & 1;
}

struct WIRE_FORMAT eth_header {
	struct mac_address destination;
	struct mac_address source;
	be16_t type;
};

struct WIRE_FORMAT vlan_tag { /* follows an ethertype of ETH_TYPE_VLAN or ETH_TYPE_QINQ */
	be16_t control;
	be16_t type;
};

enum eth_type {
	ETH_TYPE_IPV4 = 0x0800,
	ETH_TYPE_ARP = 0x0806,
	ETH_TYPE_VLAN = 0x8100, /* 802.1Q, the customer's tag */
	ETH_TYPE_IPV6 = 0x86dd,
	ETH_TYPE_QINQ = 0x88a8, /* 802.1ad, the provider's tag */
};

#define ETH_TAGS_MAX 2

/* ARP for IPv4 on Ethernet: RFC 826. */
struct WIRE_FORMAT arp_packet {
	be16_t hardware_type;
	be16_t protocol_type;
	uint8_t hardware_length;
	uint8_t protocol_length;
	be16_t operation;
	struct mac_address sender_mac;
	be32_t sender_address;
	struct mac_address target_mac;
	be32_t target_address;
};

enum arp_field {
	ARP_HARDWARE_ETHERNET = 1,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
};

/* IPv4: RFC 791 3.1. */
struct WIRE_FORMAT ipv4_header {
	uint8_t version_ihl;
	uint8_t tos;
	be16_t total_length;
	be16_t identification;
	be16_t fragment; /* flags and offset */
	uint8_t ttl;
	uint8_t protocol;
	be16_t checksum;
	be32_t source;
	be32_t destination;
};

enum ipv4_field {
	IPV4_VERSION = 4,
	IPV4_LENGTH_MAX = 65535,
	IPV4_IHL_MIN = 5,
	IPV4_FLAGS_KEPT = 0xc000, /* Reserved and Don't Fragment, which we never change */
	IPV4_DONT_FRAGMENT = 0x4000,
	IPV4_MORE_FRAGMENTS = 0x2000,
	IPV4_OFFSET_MASK = 0x1fff,
	IPV4_PROTOCOL_ICMP = 1,
	IPV4_PROTOCOL_UDP = 17,
	IPV4_OPTION_END = 0,
	IPV4_OPTION_NOP = 1,
	IPV4_OPTION_LSRR = 131, /* loose source route */
	IPV4_OPTION_SSRR = 137, /* strict source route */
};

/* ICMP: RFC 792. */
struct WIRE_FORMAT icmp_header {
	uint8_t type;
	uint8_t code;
	be16_t checksum;
	be16_t identifier;
	be16_t sequence;
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_UNREACHABLE_PORT = 3, /* the code */
	ICMP_ECHO = 8,
};

/* An IPv6 address (RFC 4291), or an IPv4 address written as one: see ip_address.h. */
struct WIRE_FORMAT ip_address {
	be32_t words[4];
};

/* IPv6: RFC 8200 section 3. */
struct WIRE_FORMAT ipv6_header {
	be32_t version_class_label;
	be16_t payload_length;
	uint8_t next_header;
	uint8_t hop_limit;
	struct ip_address source;
	struct ip_address destination;
};

/* Where hop-by-hop options, destination options and routing headers begin: RFC 8200 4.3 to 4.6. */
struct WIRE_FORMAT ipv6_extension {
	uint8_t next_header;
	uint8_t length; /* in units of 8 bytes, without the first 8 */
	uint8_t type;   /* of a routing header; else the first option begins here */
	uint8_t segments_left;
	uint8_t rest[4];
};

/* The fragment header: RFC 8200 4.5. */
struct WIRE_FORMAT ipv6_fragment {
	uint8_t next_header;
	uint8_t reserved;
	be16_t offset_more;
	be32_t identification;
};

enum ipv6_field {
	IPV6_VERSION_NUMBER = 6,
	IPV6_PAYLOAD_MAX = 65535,
	IPV6_MTU_MIN = 1280,
	IPV6_OFFSET_MASK = 0xfff8, /* of a fragment, in bytes */
	IPV6_MORE_FRAGMENTS = 1,
	IPV6_HOP_BY_HOP = 0,
	IPV6_UDP = 17,
	IPV6_ROUTING = 43,
	IPV6_FRAGMENT = 44,
	IPV6_ICMP = 58,
	IPV6_DESTINATION_OPTIONS = 60,
	IPV6_OPTION_PAD1 = 0,
	IPV6_OPTION_ACTION = 0xc0, /* of a node that doesn't know the option; 0: skip it */
};

enum icmp6_type {
	ICMP6_UNREACHABLE = 1,
	ICMP6_UNREACHABLE_PORT = 4, /* the code */
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129,
};

/* Neighbour solicitation and advertisement: RFC 4861 4.3, 4.4. Options follow. */
struct WIRE_FORMAT ndp_message {
	uint8_t type;
	uint8_t code;
	be16_t checksum;
	be32_t flags; /* of an advertisement */
	struct ip_address target;
};

/* An option with a link-layer address of Ethernet: RFC 4861 4.6.1. */
struct WIRE_FORMAT ndp_option {
	uint8_t type;
	uint8_t length; /* in units of 8 bytes */
	struct mac_address mac;
};

enum ndp_field {
	NDP_ROUTER_SOLICITATION = 133,
	NDP_SOLICITATION = 135,
	NDP_ADVERTISEMENT = 136,
	NDP_REDIRECT = 137,
	NDP_HOP_LIMIT = 255,
	NDP_SOLICITED = 0x40000000,
	NDP_OVERRIDE = 0x20000000,
	NDP_SOURCE_LINK_ADDRESS = 1,
	NDP_TARGET_LINK_ADDRESS = 2,
};

/* UDP: RFC 768. */
struct WIRE_FORMAT udp_header {
	be16_t source_port;
	be16_t destination_port;
	be16_t length;
	be16_t checksum;
};

/*
 * The most bytes of headers that a verdict depends on: two tags, and IPv4 with all its options.
 * IPv6 without extension headers has fewer.
 */
#define PACKET_HEADERS_MAX                                                         \
	(sizeof(struct eth_header) + ETH_TAGS_MAX * sizeof(struct vlan_tag) + 60 + \
		sizeof(struct udp_header))

_Static_assert(sizeof(struct eth_header) == 14, "IEEE 802.3");
_Static_assert(sizeof(struct vlan_tag) == 4, "IEEE 802.1Q");
_Static_assert(sizeof(struct arp_packet) == 28, "RFC 826");
_Static_assert(sizeof(struct ipv4_header) == 20, "RFC 791");
_Static_assert(sizeof(struct icmp_header) == 8, "RFC 792");
_Static_assert(sizeof(struct ipv6_header) == 40, "RFC 8200");
_Static_assert(sizeof(struct ipv6_extension) == 8, "RFC 8200");
_Static_assert(sizeof(struct ipv6_fragment) == 8, "RFC 8200");
_Static_assert(sizeof(struct ndp_message) == 24, "RFC 4861");
_Static_assert(sizeof(struct ndp_option) == 8, "RFC 4861");
_Static_assert(sizeof(struct udp_header) == 8, "RFC 768");

#endif
