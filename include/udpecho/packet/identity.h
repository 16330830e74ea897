/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who the appliance is on one device: its MAC, its addresses, the ports that it serves and the
 * source ports that it never answers. It is built once, and the packet path only reads it.
 */
#ifndef UDPECHO_IDENTITY_H
#define UDPECHO_IDENTITY_H

#include <udpecho/packet/ip_address.h>
#include <udpecho/packet/services.h>

#define IDENTITY_ADDRESSES_MAX 16
#define IDENTITY_TTL_DEFAULT   64 /* IANA's recommended default, RFC 1700 */

/* A set of ports, one bit for each, so that a look-up costs the same however many it holds. */
struct port_set {
	uint64_t bits[65536 / 64];
};

/* One of our IPv4 addresses, in the form that the packet path compares. */
struct identity_ipv4 {
	be32_t address;
	be32_t broadcast; /* of its subnet; a prefix that has none repeats the address */
};

struct identity {
	struct mac_address mac;
	uint8_t ttl; /* of replies, unless the loop guard lowers it; at least 1 */
	uint8_t address_count;
	struct ip_address addresses[IDENTITY_ADDRESSES_MAX]; /* ours */
	uint8_t ipv4_count;
	struct identity_ipv4 ipv4[IDENTITY_ADDRESSES_MAX]; /* the IPv4 ones, in the same order */
	uint8_t ipv6_count;
	struct ip_address ipv6[IDENTITY_ADDRESSES_MAX]; /* the IPv6 ones, likewise */
	uint8_t service[65536 + 3]; /* enum service of each port; vectors read 4 bytes at once */
	struct port_set blocked;    /* source ports that we never answer */
	struct port_set ttl_kept;   /* served ports whose replies need no lower TTL to end a loop */
	bool report_unreachable; /* tell the sender that a port is not served: RFC 1122 3.2.2.1 */
	bool accept_partial; /* accept and finish UDP checksums that a virtual link left partial */
	uint32_t link_mtu;   /* bytes; a longer packet can't have crossed the link; 0: unknown */
	/** Asks the access list whether we may answer SOURCE. NULL: we may answer everybody. */
	bool (*source_is_allowed)(const void *acl, struct ip_address source);
	const void *acl;
};

/** Puts PORT, in host order, into SET. */
static inline void port_set_add(struct port_set *set, uint16_t port)
{
	set->bits[port / 64] |= UINT64_C(1) << (port % 64);
}

/** Whether PORT is in SET. */
static inline bool port_set_has(const struct port_set *set, be16_t port)
{
	const uint16_t number = be16_get(port);

	return set->bits[number / 64] >> (number % 64) & 1;
}

/** The service of PORT, a destination port; SERVICE_NONE if the port is not served. */
static inline enum service identity_service(const struct identity *identity, be16_t port)
{
	return (enum service)identity->service[be16_get(port)];
}

/** Whether SET holds every port from 1 to 65535. */
bool port_set_is_any(const struct port_set *set);

/** Whether the IPv4 ADDRESS is one of ours. */
static inline bool identity_owns_ipv4(const struct identity *identity, be32_t address)
{
	for (unsigned int i = 0; i < identity->ipv4_count; i++)
		if (be32_equal(identity->ipv4[i].address, address))
			return true;
	return false;
}

/**
 * Whether we must not answer the IPv4 SOURCE, because no host may send from it (RFC 1122 3.2.1.3,
 * RFC 6890), or because it is our own address or our subnet's broadcast.
 */
static inline bool identity_refuses_ipv4(const struct identity *identity, be32_t source)
{
	const uint32_t network = be32_get(source) >> 24;

	if (network == 0 || network == 127 || network >= 224)
		return true;
	for (unsigned int i = 0; i < identity->ipv4_count; i++)
		if (be32_equal(source, identity->ipv4[i].address) ||
			be32_equal(source, identity->ipv4[i].broadcast))
			return true;
	return false;
}

/** Whether the IPv6 ADDRESS is one of ours. */
static inline bool identity_owns_ipv6(const struct identity *identity, struct ip_address address)
{
	for (unsigned int i = 0; i < identity->ipv6_count; i++)
		if (ip_address_equal(identity->ipv6[i], address))
			return true;
	return false;
}

/**
 * Whether an address of ours has the solicited-node group whose last 4 bytes are LAST: ff, and the
 * last 3 bytes of the address (RFC 4291 2.7.1).
 */
static inline bool identity_is_solicited(const struct identity *identity, be32_t last)
{
	for (unsigned int i = 0; i < identity->ipv6_count; i++)
		if ((identity->ipv6[i].words[3].raw | BE32(0xff000000).raw) == last.raw)
			return true;
	return false;
}

/** Whether we are in the IPv6 GROUP: all-nodes (ff02::1), or a solicited-node group of ours. */
static inline bool identity_joined_ipv6(const struct identity *identity, struct ip_address group)
{
	if (be32_get(group.words[0]) != 0xff020000 || group.words[1].raw != 0)
		return false;
	if (group.words[2].raw == 0)
		return be32_get(group.words[3]) == 1;
	return be32_get(group.words[2]) == 1 && identity_is_solicited(identity, group.words[3]);
}

/** Whether MAC is that of an IPv6 group that we are in: 33:33, and its last 4 bytes (RFC 2464). */
static inline bool identity_joined_mac(
	const struct identity *identity, const struct mac_address *mac)
{
	be32_t last;

	memcpy(&last, &mac->bytes[2], sizeof(last));
	return mac->bytes[0] == 0x33 && mac->bytes[1] == 0x33 &&
	       (be32_get(last) == 1 || identity_is_solicited(identity, last));
}

/**
 * Whether we must not answer the IPv6 SOURCE of a packet to DESTINATION: it is a group, the
 * loopback address, an IPv4 address in the form of an IPv6 one (RFC 4291 2.5.3, 2.5.5.2, 2.7), or
 * our own. :: asks for the owner of an address before it takes it (RFC 4862 5.4.2), and does
 * nothing else.
 */
static inline bool identity_refuses_ipv6(
	const struct identity *identity, struct ip_address source, struct ip_address destination)
{
	const struct ip_address loopback = {{BE32(0), BE32(0), BE32(0), BE32(1)}};

	if (ip_address_is_unspecified6(source))
		return !ip_address_is_group6(destination) || be32_get(destination.words[2]) != 1;
	return ip_address_is_group6(source) || ip_address_equal(source, loopback) ||
	       ip_address_family(source) == IP_FAMILY_IPV4 || identity_owns_ipv6(identity, source);
}

/**
 * The TTL of the reply to a request for PORT that came with TTL. 0: no hop is left, and the request
 * must be dropped. A TTL that becomes lower with each reply ends any loop with a server that we
 * can't recognise by its port.
 */
static inline uint8_t identity_reply_ttl(const struct identity *identity, uint8_t ttl, be16_t port)
{
	if (ttl > identity->ttl || port_set_has(&identity->ttl_kept, port))
		return identity->ttl;
	return ttl > 1 ? (uint8_t)(ttl - 1) : 0;
}

/** Makes IDENTITY one with no address and no served port: it answers nothing yet. */
void identity_init(struct identity *identity, struct mac_address mac);

/**
 * Adds LOCAL, an address with the length of its subnet's prefix. IPv4 prefixes of 31 and 32 bits
 * have no broadcast address (RFC 3021). Returns false if there are IDENTITY_ADDRESSES_MAX already.
 */
bool identity_add_address(struct identity *identity, struct ip_prefix local);

/** Removes the IPv4 address that is number INDEX in ipv4. */
void identity_remove_ipv4(struct identity *identity, unsigned int index);

/**
 * Makes SERVICE serve PORTS and no others, and sets up the loop guard.
 *
 * The guard blocks source port 0, the ports of guarded services and the well-known responders
 * (responders.def): a server that sends from such a port would answer our reply. But a port does
 * not always tell who sends. If we serve all ports, the guard can't block them all; and another
 * appliance may serve ports that we do not. So a reply has a lower TTL than its request, which ends
 * every loop. Only a reply from the port of a well-known responder, which every appliance blocks,
 * goes out with our usual TTL (ttl_kept), and not even that if we serve all ports.
 */
void identity_serve(struct identity *identity, enum service service, const struct port_set *ports);

/** Adds PORTS to the blocked source ports, until identity_serve() sets them up again. */
void identity_block(struct identity *identity, const struct port_set *ports);

#endif
