/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/identity.h>

static const uint16_t responders[] = {
#define RESPONDER(port, name, reason) port,
#include <udpecho/packet/responders.def>
#undef RESPONDER
};

void identity_init(struct identity *identity, struct mac_address mac)
{
	*identity = (struct identity){.mac = mac, .ttl = IDENTITY_TTL_DEFAULT};
}

bool identity_add_address(struct identity *identity, be32_t address, unsigned int prefix_length)
{
	const uint32_t host_bits = prefix_length <= 30 ? UINT32_MAX >> prefix_length : 0;

	if (identity->address_count == IDENTITY_ADDRESSES_MAX)
		return false;
	identity->addresses[identity->address_count++] = (struct local_address){
		.address = address,
		.broadcast = {address.raw | BE32(host_bits).raw},
	};
	return true;
}

bool port_set_is_any(const struct port_set *set)
{
	for (unsigned int port = 1; port <= UINT16_MAX; port++)
		if (!port_set_has(set, BE16(port)))
			return false;
	return true;
}

void identity_serve(struct identity *identity, const struct port_set *ports)
{
	const bool any = port_set_is_any(ports);

	identity->served = *ports;
	identity->blocked = *ports;
	memset(&identity->ttl_kept, 0, sizeof(identity->ttl_kept));
	if (any)
		memset(&identity->blocked, 0, sizeof(identity->blocked));
	port_set_add(&identity->blocked, 0);
	for (size_t i = 0; i < sizeof(responders) / sizeof(responders[0]); i++) {
		port_set_add(&identity->blocked, responders[i]);
		if (!any)
			port_set_add(&identity->ttl_kept, responders[i]);
	}
}

void identity_block(struct identity *identity, const struct port_set *ports)
{
	for (size_t i = 0; i < sizeof(ports->bits) / sizeof(ports->bits[0]); i++)
		identity->blocked.bits[i] |= ports->bits[i];
}
