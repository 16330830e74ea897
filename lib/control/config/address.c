/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "config/address.h"
#include "config/parse.h"

/* No host has the lowest or the highest address of a subnet, but in a /31 or /32: RFC 3021. */
static int check_host(const struct ip_prefix *local, const char *text, struct error *error)
{
	const uint32_t address = be32_get(ip_address_ipv4(local->address));
	const uint32_t network = address >> 24;
	const uint32_t host_bits = local->length <= 30 ? UINT32_MAX >> local->length : 0;
	const uint32_t host = address & host_bits;

	if (network == 0 || network == 127 || network >= 224)
		return error_set(error, EINVAL, "%s: no host may have this address", text);
	if (host_bits != 0 && host == host_bits)
		return error_set(error, EINVAL,
			"%s: the broadcast address of its subnet: give the address of a host",
			text);
	if (host_bits != 0 && host == 0)
		return error_set(error, EINVAL,
			"%s: the address of the subnet itself: give the address of a host", text);
	return 0;
}

int address_add(struct config_device *device, const char *text, struct error *error)
{
	struct ip_prefix *local = &device->addresses[device->address_count];

	if (device->address_count == IDENTITY_ADDRESSES_MAX)
		return error_set(error, EINVAL, "%s: too many addresses: a device has at most %d",
			text, IDENTITY_ADDRESSES_MAX);
	if (!parse_prefix(text, local))
		return error_set(
			error, EINVAL, "%s: not an IPv4 address: write it as 198.18.0.2/24", text);
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
