/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * IP addresses and prefixes of either family. A struct ip_address has an IPv4 address as
 * ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
 */
#ifndef UDPECHO_IP_ADDRESS_H
#define UDPECHO_IP_ADDRESS_H

#include <udpecho/packet/wire.h>

enum ip_family {
	IP_FAMILY_IPV4 = 4,
	IP_FAMILY_IPV6 = 6,
};

/*
 * All addresses whose first LENGTH bits are those of ADDRESS. LENGTH is 0 to 32 for an IPv4
 * address, and 0 to 128 for an IPv6 address.
 */
struct ip_prefix {
	struct ip_address address;
	uint8_t length;
};

/** The IPv4 ADDRESS as one of 16 bytes. */
static inline __attribute__((always_inline)) struct ip_address ip_address_of_ipv4(be32_t address)
{
	return (struct ip_address){{BE32(0), BE32(0), BE32(0xffff), address}};
}

/** The prefix of LENGTH bits of an IPv4 ADDRESS. */
static inline struct ip_prefix ip_prefix_of_ipv4(be32_t address, unsigned int length)
{
	return (struct ip_prefix){ip_address_of_ipv4(address), (uint8_t)length};
}

/** The family of ADDRESS. */
static inline enum ip_family ip_address_family(struct ip_address address)
{
	return address.words[0].raw == 0 && address.words[1].raw == 0 &&
			       be32_equal(address.words[2], BE32(0xffff))
		       ? IP_FAMILY_IPV4
		       : IP_FAMILY_IPV6;
}

/** The 4 bytes of ADDRESS, whose family must be IPv4. */
static inline be32_t ip_address_ipv4(struct ip_address address)
{
	return address.words[3];
}

/** The bits of an address of the family of ADDRESS. */
static inline unsigned int ip_address_bits(struct ip_address address)
{
	return ip_address_family(address) == IP_FAMILY_IPV4 ? 32 : 128;
}

/** ADDRESS with every bit behind its first LENGTH cleared; LENGTH as in struct ip_prefix. */
static inline struct ip_address ip_address_network(struct ip_address address, unsigned int length)
{
	unsigned int left = length + 128 - ip_address_bits(address);

	for (unsigned int i = 0; i < 4; i++) {
		const unsigned int bits = left < 32 ? left : 32;

		if (bits < 32)
			address.words[i] = BE32(be32_get(address.words[i]) & ~(UINT32_MAX >> bits));
		left -= bits;
	}
	return address;
}

/** True when two addresses are the same. */
static inline bool ip_address_equal(struct ip_address a, struct ip_address b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/** Whether the IPv6 ADDRESS is that of a group: ff00::/8 (RFC 4291 2.7). */
static inline bool ip_address_is_group6(struct ip_address address)
{
	return be32_get(address.words[0]) >> 24 == 0xff;
}

/** Whether ADDRESS is ::, that of a host which has none yet (RFC 4291 2.5.2). */
static inline bool ip_address_is_unspecified6(struct ip_address address)
{
	return (address.words[0].raw | address.words[1].raw | address.words[2].raw |
		       address.words[3].raw) == 0;
}

#endif
