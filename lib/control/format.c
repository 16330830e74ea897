/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <stdio.h>

#include "format.h"

struct address_text format_mac(const struct mac_address *mac)
{
	struct address_text result;

	snprintf(result.text, sizeof(result.text), "%02x:%02x:%02x:%02x:%02x:%02x", mac->bytes[0],
		mac->bytes[1], mac->bytes[2], mac->bytes[3], mac->bytes[4], mac->bytes[5]);
	return result;
}

struct address_text format_ipv6(struct ip_address address)
{
	struct address_text result;

	inet_ntop(AF_INET6, &address, result.text, sizeof(result.text));
	return result;
}

struct address_text format_address(struct ip_address address)
{
	struct address_text result;

	if (ip_address_family(address) == IP_FAMILY_IPV6)
		return format_ipv6(address);
	inet_ntop(AF_INET, &address.words[3], result.text, sizeof(result.text));
	return result;
}

struct endpoint_text format_endpoint(struct ip_address address, unsigned int port)
{
	const bool is_ipv4 = ip_address_family(address) == IP_FAMILY_IPV4;
	struct endpoint_text result;

	snprintf(result.text, sizeof(result.text), is_ipv4 ? "%s:%u" : "[%s]:%u",
		format_address(address).text, port);
	return result;
}

struct address_text format_ipv4(be32_t address)
{
	return format_address(ip_address_of_ipv4(address));
}
