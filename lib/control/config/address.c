/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netinet/in.h>

#include "config/address.h"
#include "config/parse.h"

/* Whether ADDRESS is no host's: RFC 1122 3.2.1.3, RFC 4291 2.5.2, 2.5.3 and 2.7. */
static bool is_no_hosts(struct ip_address address)
{
	const uint32_t network = be32_get(ip_address_ipv4(address)) >> 24;

	if (ip_address_family(address) == IP_FAMILY_IPV4)
		return network == 0 || network == 127 || network >= 224;
	return IN6_IS_ADDR_UNSPECIFIED(&address) || IN6_IS_ADDR_LOOPBACK(&address) ||
	       IN6_IS_ADDR_MULTICAST(&address);
}

/*
 * No host has the lowest or the highest address of an IPv4 subnet, but in a /31 or /32: RFC 3021.
 * All routers of an IPv6 subnet have its lowest address (RFC 4291 2.6.1), but in a /127: RFC 6164.
 */
static int check_host(const struct ip_prefix *local, const char *text, struct error *error)
{
	const struct ip_address address = local->address;
	const bool is_ipv4 = ip_address_family(address) == IP_FAMILY_IPV4;
	const uint32_t host_bits = local->length < 32 ? UINT32_MAX >> local->length : 0;

	if (is_no_hosts(address))
		return error_set(error, EINVAL, "%s: no host may have this address", text);
	if (local->length + 2U > ip_address_bits(address))
		return 0;
	if (ip_address_equal(ip_address_network(address, local->length), address))
		return error_set(error, EINVAL,
			"%s: the address of the subnet itself: give the address of a host", text);
	if (is_ipv4 && (be32_get(ip_address_ipv4(address)) & host_bits) == host_bits)
		return error_set(error, EINVAL,
			"%s: the broadcast address of its subnet: give the address of a host",
			text);
	return 0;
}

int address_add(struct config_device *device, const char *text, struct error *error)
{
	struct ip_prefix *local = &device->addresses[device->address_count];

	if (device->address_count == IDENTITY_ADDRESSES_MAX)
		return error_set(error, EINVAL, "%s: too many addresses: a device has at most %d",
			text, IDENTITY_ADDRESSES_MAX);
	if (!parse_prefix(text, local))
		return error_set(error, EINVAL, "%s: not an IP address: %s", text,
			parse_prefix_advice(text));
	if (check_host(local, text, error) < 0)
		return -EINVAL;
	for (unsigned int i = 0; i < device->address_count; i++)
		if (ip_address_equal(device->addresses[i].address, local->address))
			return device->addresses[i].length == local->length
				       ? 0 /* the device has it already */
				       : error_set(error, EINVAL,
						 "%s: the device has this address already, with "
						 "/%u",
						 text, device->addresses[i].length);
	device->address_count++;
	return 0;
}
