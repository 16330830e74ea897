/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who the appliance is on one device: its MAC, its addresses, the ports that it serves and those
 * that it never answers. Built once, handed to the packet path as const.
 */
#ifndef UDPECHO_IDENTITY_H
#define UDPECHO_IDENTITY_H

#include <udpecho/packet/ip_address.h>
#include <udpecho/packet/services.h>

#define IDENTITY_ADDRESSES_MAX 16
#define IDENTITY_TTL_DEFAULT   64 /* IANA's recommended default, RFC 1700 */

/* A set of ports: one bit each, so that a look-up costs the same whatever the list. */
struct port_set {
	uint64_t bits[65536 / 64];
};

/* An IPv4 address of ours, as the packet path compares it. */
struct identity_ipv4 {
	be32_t address;
	be32_t broadcast; /* of its subnet; the address itself where the prefix has none */
};

struct identity {
	struct mac_address mac;
	uint8_t ttl; /* of replies; at least 1 */
	uint8_t address_count;
	struct ip_address addresses[IDENTITY_ADDRESSES_MAX]; /* of ours */
	uint8_t ipv4_count;
	struct identity_ipv4 ipv4[IDENTITY_ADDRESSES_MAX]; /* those of IPv4, in the same order */
	uint8_t service[65536 + 3]; /* enum service of each port; vectors read 4 bytes at a time */
	struct port_set blocked;    /* source ports that are never answered */
	struct port_set ttl_kept; /* served ports whose replies need no falling TTL to end a loop */
	bool report_unreachable; /* a port not served is reported to the sender: RFC 1122 3.2.2.1 */
	bool accept_partial;     /* finish the UDP checksums that a virtual link left partial */
	uint32_t link_mtu;       /* bytes: nothing longer can have been one packet; 0: unknown */
	/** The access list: whether SOURCE may be answered. NULL: everybody may. */
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

/** The service of the destination PORT. */
static inline enum service identity_service(const struct identity *identity, be16_t port)
{
	return (enum service)identity->service[be16_get(port)];
}

/** Whether SET holds every port there is, 1 to 65535. */
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
 * Whether the IPv4 SOURCE may not be answered, as no host may use it, or none but us: RFC 1122
 * 3.2.1.3, RFC 6890.
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

/**
 * The TTL of the reply to a request with TTL for PORT; 0: none is left, so that it is dropped. A
 * TTL that only falls ends any loop with a server that we can't tell by its port.
 */
static inline uint8_t identity_reply_ttl(const struct identity *identity, uint8_t ttl, be16_t port)
{
	if (ttl > identity->ttl || port_set_has(&identity->ttl_kept, port))
		return identity->ttl;
	return ttl > 1 ? (uint8_t)(ttl - 1) : 0;
}

/** An identity with no address and no served port: it answers nothing yet. */
void identity_init(struct identity *identity, struct mac_address mac);

/**
 * Adds the IPv4 address of LOCAL, with the length of its subnet's prefix; RFC 3021: prefixes of 31
 * and 32 have no broadcast. Returns false where there is no room (IDENTITY_ADDRESSES_MAX).
 */
bool identity_add_address(struct identity *identity, struct ip_prefix local);

/** Takes the IPv4 address number INDEX, of ipv4, away again. */
void identity_remove_ipv4(struct identity *identity, unsigned int index);

/**
 * Has SERVICE serve PORTS, and those alone, and sets up the loop guard that fits: source port 0,
 * the ports of guarded services and the well-known responders (responders.def) are blocked. That
 * tells a server by its port, and fails where nobody can know that a port is served: where every
 * one is, or by an appliance that serves another list. There the TTL of a reply is below its
 * request's, so that any loop ends. Only replies from a well-known responder's port, which every
 * appliance blocks, keep theirs; see ttl_kept.
 */
void identity_serve(struct identity *identity, enum service service, const struct port_set *ports);

/** Adds PORTS to the source ports that are never answered; after identity_serve(). */
void identity_block(struct identity *identity, const struct port_set *ports);

#endif
