/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds out what the kernel of this host does beside us. It answers for its addresses on every
 * interface (RFC 1122 3.3.4.2, the weak host model), so this looks at all of them.
 */
#ifndef UDPECHO_HOST_H
#define UDPECHO_HOST_H

#include <net/if.h>
#include <stdbool.h>

#include <udpecho/packet/ip_address.h>

/* Where the kernel has an address. */
struct host_address {
	char interface[IFNAMSIZ]; /* "": on none, but by a route of type local */
	unsigned int prefix_length;
	bool has_peer; /* the prefix belongs to the peer: ip-address(8) */
};

/**
 * Returns whether the kernel has ADDRESS in this network namespace, and fills FOUND with where. A
 * link-local IPv6 address counts on INTERFACE only: elsewhere it is another one (RFC 4007 6).
 */
bool host_find_address(
	struct ip_address address, const char *interface, struct host_address *found);

/**
 * Writes the addresses of INTERFACE, except link-local ones, to TEXT, such as "198.18.0.1/24
 * 2001:db8::1/64", or "" if it has none.
 */
void host_list_addresses(const char *interface, char *text, size_t size);

enum host_forwarding {
	HOST_FORWARDS_NOTHING,
	HOST_FORWARDS,
	HOST_FORWARDS_AND_ANSWERS, /* it also answers ARP for what it forwards: proxy_arp */
};

/**
 * Returns what the kernel does with packets of FAMILY for others that INTERFACE receives. It
 * forwards IPv6 from all interfaces or from none.
 */
enum host_forwarding host_forwarding(const char *interface, enum ip_family family);

#endif
