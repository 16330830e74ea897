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

static struct identity_ipv4 view_of_ipv4(struct ip_prefix local)
{
	const be32_t address = ip_address_ipv4(local.address);
	const uint32_t host_bits = local.length <= 30 ? UINT32_MAX >> local.length : 0;

	return (struct identity_ipv4){
		.address = address,
		.broadcast = {address.raw | BE32(host_bits).raw},
	};
}

bool identity_add_address(struct identity *identity, struct ip_prefix local)
{
	if (identity->address_count == IDENTITY_ADDRESSES_MAX)
		return false;
	identity->addresses[identity->address_count++] = local.address;
	if (ip_address_family(local.address) == IP_FAMILY_IPV4)
		identity->ipv4[identity->ipv4_count++] = view_of_ipv4(local);
	else
		identity->ipv6[identity->ipv6_count++] = local.address;
	return true;
}

/* Removes the entry number INDEX of COUNT entries of SIZE bytes each: those behind it move up. */
static void remove_entry(void *entries, unsigned int index, unsigned int count, size_t size)
{
	uint8_t *const gap = (uint8_t *)entries + index * size;

	memmove(gap, gap + size, (count - index - 1) * size);
}

void identity_remove_ipv4(struct identity *identity, unsigned int index)
{
	const struct ip_address address = ip_address_of_ipv4(identity->ipv4[index].address);
	unsigned int i = 0;

	while (!ip_address_equal(identity->addresses[i], address))
		i++;
	remove_entry(identity->addresses, i, identity->address_count--, sizeof(address));
	remove_entry(identity->ipv4, index, identity->ipv4_count--, sizeof(identity->ipv4[0]));
}

bool port_set_is_any(const struct port_set *set)
{
	for (unsigned int port = 1; port <= UINT16_MAX; port++)
		if (!port_set_has(set, BE16(port)))
			return false;
	return true;
}

/* Fills PORTS with the ports of guarded services: another server there would answer our reply. */
static void find_guarded(const struct identity *identity, struct port_set *ports)
{
	memset(ports, 0, sizeof(*ports));
	for (unsigned int port = 0; port <= UINT16_MAX; port++)
		if (service_loop((enum service)identity->service[port]) == SERVICE_LOOP_GUARDED)
			port_set_add(ports, (uint16_t)port);
}

void identity_serve(struct identity *identity, enum service service, const struct port_set *ports)
{
	bool any;

	for (unsigned int port = 0; port <= UINT16_MAX; port++)
		if (port_set_has(ports, BE16(port)))
			identity->service[port] = (uint8_t)service;
		else if (identity->service[port] == service)
			identity->service[port] = SERVICE_NONE;
	find_guarded(identity, &identity->blocked);
	any = port_set_is_any(&identity->blocked);
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
