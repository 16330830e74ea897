/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "config/address.h"
#include "config/parse.h"

/* The lowest and the highest of a subnet are no host's; RFC 3021: /31 and /32 have neither. */
static int check_host(
	be32_t address, unsigned int prefix_length, const char *text, struct error *error)
{
	const uint32_t network = be32_get(address) >> 24;
	const uint32_t host_bits = prefix_length <= 30 ? UINT32_MAX >> prefix_length : 0;
	const uint32_t host = be32_get(address) & host_bits;

	if (network == 0 || network == 127 || network >= 224)
		return error_set(error, EINVAL, "%s: no host may have this address", text);
	if (host_bits != 0 && host == host_bits)
		return error_set(error, EINVAL, "%s: the broadcast address of its subnet", text);
	if (host_bits != 0 && host == 0)
		return error_set(error, EINVAL,
			"%s: the number of its subnet, and no host's: give one of its addresses",
			text);
	return 0;
}

int address_add(struct config_device *device, const char *text, struct error *error)
{
	struct config_address *address = &device->addresses[device->address_count];

	if (device->address_count == IDENTITY_ADDRESSES_MAX)
		return error_set(error, EINVAL, "%s: too many on one device, at most %d", text,
			IDENTITY_ADDRESSES_MAX);
	if (!parse_prefix(text, &address->address, &address->prefix_length))
		return error_set(
			error, EINVAL, "%s: not an IPv4 address: write it as 198.18.0.2/24", text);
	if (check_host(address->address, address->prefix_length, text, error) < 0)
		return -EINVAL;
	for (unsigned int i = 0; i < device->address_count; i++)
		if (be32_equal(device->addresses[i].address, address->address))
			return device->addresses[i].prefix_length == address->prefix_length
				       ? 0 /* as it is already */
				       : error_set(error, EINVAL,
						 "%s: the device has this address with /%u", text,
						 device->addresses[i].prefix_length);
	device->address_count++;
	return 0;
}
