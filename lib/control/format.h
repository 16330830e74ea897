/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes addresses as text, the same way everywhere. */
#ifndef UDPECHO_FORMAT_H
#define UDPECHO_FORMAT_H

#include <arpa/inet.h>

#include <udpecho/packet/ip_address.h>

struct address_text {
	char text[INET6_ADDRSTRLEN]; /* an IPv6 address is the longest */
};

struct endpoint_text {
	char text[sizeof("[]:65535") + INET6_ADDRSTRLEN];
};

/** Returns "02:00:00:00:00:02". */
struct address_text format_mac(const struct mac_address *mac);

/** Returns "198.18.0.2", or an IPv6 address in the form of RFC 5952. */
struct address_text format_address(struct ip_address address);

/** Returns "198.18.0.2:9110" or "[2001:2::2]:9110". */
struct endpoint_text format_endpoint(struct ip_address address, unsigned int port);

/** Returns an IPv6 address in the form of RFC 5952, as one even if it is ::ffff:198.18.0.2. */
struct address_text format_ipv6(struct ip_address address);

/** Returns "198.18.0.2" for an address in the byte order of packets. */
struct address_text format_ipv4(be32_t address);

#endif
