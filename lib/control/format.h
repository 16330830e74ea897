/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses as text, as they are written everywhere. */
#ifndef UDPECHO_FORMAT_H
#define UDPECHO_FORMAT_H

#include <arpa/inet.h>

#include <udpecho/packet/ip_address.h>

struct address_text {
	char text[INET6_ADDRSTRLEN]; /* the longest of them */
};

/** "02:00:00:00:00:02" */
struct address_text format_mac(const struct mac_address *mac);

/** "198.18.0.2", or of IPv6 as RFC 5952 has it. */
struct address_text format_address(struct ip_address address);

/** "198.18.0.2", of an address as it lies in a packet. */
struct address_text format_ipv4(be32_t address);

#endif
