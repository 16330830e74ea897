/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include <udpecho/packet/identity.h>

#include "suite.h"

struct address_case {
	const char *about;
	uint32_t address;
	unsigned int prefix_length;
	uint32_t broadcast;
};

static const struct address_case addresses[] = {
	{"address: /24", 0xc6120002, 24, 0xc61200ff},
	{"address: /0", 0xc6120002, 0, 0xffffffff},
	{"address: /1", 0x40000001, 1, 0x7fffffff},
	{"address: /8", 0x0a000001, 8, 0x0affffff},
	{"address: /15", 0xc6120002, 15, 0xc613ffff},
	{"address: /16", 0xc6120002, 16, 0xc612ffff},
	{"address: /25, the upper half", 0xc6120082, 25, 0xc61200ff},
	{"address: /25, the lower half", 0xc6120002, 25, 0xc612007f},
	{"address: /30", 0xc6120001, 30, 0xc6120003},
	{"address: /31 has no broadcast (RFC 3021)", 0xc6120002, 31, 0xc6120002},
	{"address: /31, the odd one", 0xc6120003, 31, 0xc6120003},
	{"address: /32 has no broadcast", 0xc6120002, 32, 0xc6120002},
};

static void test_address(void **state)
{
	const struct address_case *row = *state;
	struct identity identity;

	identity_init(&identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	assert_true(identity_add_address(
		&identity, ip_prefix_of_ipv4(BE32(row->address), row->prefix_length)));
	assert_int_equal(identity.address_count, 1);
	assert_int_equal(be32_get(identity.ipv4[0].address), row->address);
	assert_int_equal(be32_get(identity.ipv4[0].broadcast), row->broadcast);
	assert_true(identity_owns_ipv4(&identity, BE32(row->address)));
	assert_false(identity_owns_ipv4(&identity, BE32(row->address ^ 1)));
	assert_false(identity_owns_ipv4(&identity, BE32(row->address ^ 0x80000000)));
}

static void test_init(void **state)
{
	struct identity identity;

	(void)state;
	memset(&identity, 0xff, sizeof(identity));
	identity_init(&identity, (struct mac_address){{2, 4, 6, 8, 10, 12}});
	assert_memory_equal(&identity.mac, "\2\4\6\10\12\14", 6);
	assert_int_equal(identity.ttl, 64);
	assert_false(identity.report_unreachable);
	assert_false(identity.accept_partial);
	assert_null(identity.source_is_allowed);
	assert_int_equal(identity.address_count, 0);
	assert_false(identity_owns_ipv4(&identity, BE32(0)));
	for (unsigned int port = 0; port <= UINT16_MAX; port++) {
		assert_int_equal(identity_service(&identity, BE16(port)), SERVICE_NONE);
		assert_false(port_set_has(&identity.blocked, BE16(port)));
	}
}

static void test_room(void **state)
{
	struct identity *identity = malloc(sizeof(*identity));

	(void)state;
	identity_init(identity, (struct mac_address){{2}});
	assert_int_equal(IDENTITY_ADDRESSES_MAX, 16); /* what the manual says */
	for (uint32_t i = 0; i < IDENTITY_ADDRESSES_MAX; i++)
		assert_true(identity_add_address(
			identity, ip_prefix_of_ipv4(BE32(0x0a000001 + i), 24)));
	assert_false(identity_add_address(identity, ip_prefix_of_ipv4(BE32(0x0a0000ff), 24)));
	assert_int_equal(identity->address_count, IDENTITY_ADDRESSES_MAX);
	for (uint32_t i = 0; i < IDENTITY_ADDRESSES_MAX; i++)
		assert_true(identity_owns_ipv4(identity, BE32(0x0a000001 + i)));
	assert_false(identity_owns_ipv4(identity, BE32(0x0a0000ff)));
	free(identity);
}

/* Of as many as there is room for, one is taken away: the others stay in their order, and what is
 * behind them stays what it is. */
static void test_remove(void **state)
{
	struct identity identity;

	(void)state;
	for (unsigned int gone = 0; gone < IDENTITY_ADDRESSES_MAX; gone++) {
		unsigned int place = 0;

		identity_init(&identity, (struct mac_address){{2}});
		for (uint32_t i = 0; i < IDENTITY_ADDRESSES_MAX; i++)
			identity_add_address(
				&identity, ip_prefix_of_ipv4(BE32(0x0a000001 + i), 24));
		identity_remove_ipv4(&identity, gone);
		assert_int_equal(identity.address_count, IDENTITY_ADDRESSES_MAX - 1);
		assert_int_equal(identity.ipv4_count, IDENTITY_ADDRESSES_MAX - 1);
		for (uint32_t i = 0; i < IDENTITY_ADDRESSES_MAX; i++) {
			const be32_t address = BE32(0x0a000001 + i);

			assert_int_equal(identity_owns_ipv4(&identity, address), i != gone);
			if (i == gone)
				continue;
			assert_true(ip_address_equal(
				identity.addresses[place], ip_address_of_ipv4(address)));
			assert_true(be32_equal(identity.ipv4[place++].address, address));
		}
	}
}

/* An IPv4 address is ::ffff:a.b.c.d, and nothing else is one. */
static void test_family(void **state)
{
	struct ip_address address = ip_address_of_ipv4(BE32(0xc6120002));

	(void)state;
	assert_memory_equal(
		&address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x12\0\x02", sizeof(address));
	assert_int_equal(ip_address_family(address), IP_FAMILY_IPV4);
	assert_int_equal(be32_get(ip_address_ipv4(address)), 0xc6120002);
	for (unsigned int i = 0; i < 12; i++) {
		struct ip_address other = address;

		((uint8_t *)&other)[i] ^= 1;
		assert_int_equal(ip_address_family(other), IP_FAMILY_IPV6);
		assert_false(ip_address_equal(address, other));
	}
}

/* Every length: the bits before it stay, and those behind it are 0. */
static void test_network(void **state)
{
	const struct ip_address ones = {
		{BE32(UINT32_MAX), BE32(UINT32_MAX), BE32(UINT32_MAX), BE32(UINT32_MAX)}};
	const struct ip_address ones4 = ip_address_of_ipv4(BE32(UINT32_MAX));

	(void)state;
	assert_int_equal(ip_address_bits(ones), 128);
	assert_int_equal(ip_address_bits(ones4), 32);
	for (unsigned int length = 0; length <= 128; length++) {
		const struct ip_address network = ip_address_network(ones, length);

		for (unsigned int bit = 0; bit < 128; bit++)
			assert_int_equal(((const uint8_t *)&network)[bit / 8] >> (7 - bit % 8) & 1,
				bit < length);
	}
	for (unsigned int length = 0; length <= 32; length++) {
		const uint32_t mask = length > 0 ? UINT32_MAX << (32 - length) : 0;

		assert_true(ip_address_equal(
			ip_address_network(ones4, length), ip_address_of_ipv4(BE32(mask))));
	}
}

/* Ports FIRST to LAST are served: which sources are blocked then, and does the TTL guard? */
struct serve_case {
	const char *about;
	unsigned int first, last, without; /* WITHOUT: one that is left out, or 0 */
	bool any;
};

static const struct serve_case serves[] = {
	{"serve: port 7", 7, 7, 0, false},
	{"serve: no port", 1, 0, 0, false},
	{"serve: a range across words", 60, 200, 0, false},
	{"serve: any", 1, 65535, 0, true},
	{"serve: port 0 too, which makes no difference", 0, 65535, 0, true},
	{"serve: all but port 1", 2, 65535, 0, false},
	{"serve: all but port 65535", 1, 65534, 0, false},
	{"serve: all but port 32768", 1, 65535, 32768, false},
};

static bool is_responder(unsigned int port)
{
	static const unsigned int responders[] = {7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211};

	for (size_t i = 0; i < COUNT(responders); i++)
		if (responders[i] == port)
			return true;
	return false;
}

static void test_serve(void **state)
{
	const struct serve_case *row = *state;
	struct port_set ports = {{0}};
	struct identity identity;

	for (unsigned int port = row->first; port <= row->last; port++)
		if (row->without == 0 || port != row->without)
			port_set_add(&ports, (uint16_t)port);
	identity_init(&identity, (struct mac_address){{2}});
	/* What was served and blocked before is forgotten. */
	memset(identity.service, SERVICE_ECHO, sizeof(identity.service));
	memset(&identity.blocked, 0xff, sizeof(identity.blocked));
	memset(&identity.ttl_kept, 0xff, sizeof(identity.ttl_kept));
	identity_serve(&identity, SERVICE_ECHO, &ports);
	assert_int_equal(port_set_is_any(&ports), row->any);
	for (unsigned int port = 0; port <= UINT16_MAX; port++) {
		const bool served = port >= row->first && port <= row->last &&
				    (row->without == 0 || port != row->without);
		const bool blocked = port == 0 || is_responder(port) || (served && !row->any);

		assert_int_equal(identity_service(&identity, BE16(port)),
			served ? SERVICE_ECHO : SERVICE_NONE);
		assert_int_equal(port_set_has(&identity.blocked, BE16(port)), blocked);
		assert_int_equal(port_set_has(&identity.ttl_kept, BE16(port)),
			is_responder(port) && !row->any);
	}
}

/* Ports that are taken from one service leave it its others. */
static void test_serve_fewer(void **state)
{
	struct port_set ports = {{0}};
	struct identity identity;

	(void)state;
	identity_init(&identity, (struct mac_address){{2}});
	port_set_add(&ports, 7);
	port_set_add(&ports, 9);
	identity_serve(&identity, SERVICE_ECHO, &ports);
	memset(&ports, 0, sizeof(ports));
	port_set_add(&ports, 9);
	identity_serve(&identity, SERVICE_NONE, &ports);
	assert_int_equal(identity_service(&identity, BE16(7)), SERVICE_ECHO);
	assert_int_equal(identity_service(&identity, BE16(9)), SERVICE_NONE);
}

/* More ports are blocked, and none of those that were is forgotten. */
static void test_block(void **state)
{
	static const uint16_t blocked[] = {
		0, 7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211, 9, 1, 64, 27015, 65535};
	struct port_set served = {{0}}, more = {{0}};
	struct identity identity;

	(void)state;
	identity_init(&identity, (struct mac_address){{2}});
	port_set_add(&served, 9);
	identity_serve(&identity, SERVICE_ECHO, &served);
	port_set_add(&more, 1);
	port_set_add(&more, 64);
	port_set_add(&more, 27015);
	port_set_add(&more, 65535);
	identity_block(&identity, &more);
	for (unsigned int port = 0; port <= UINT16_MAX; port++) {
		bool expected = false;

		for (size_t i = 0; i < COUNT(blocked); i++)
			expected |= blocked[i] == port;
		assert_int_equal(port_set_has(&identity.blocked, BE16(port)), expected);
		assert_int_equal(identity_service(&identity, BE16(port)),
			port == 9 ? SERVICE_ECHO : SERVICE_NONE);
	}
}

int main(void)
{
	suite_add("init: answers nothing yet", test_init);
	SUITE_ADD(addresses, test_address);
	suite_add("address: as many as there is room for", test_room);
	suite_add("address: one is taken away", test_remove);
	suite_add("address: of which family", test_family);
	suite_add("network: every length of either family", test_network);
	SUITE_ADD(serves, test_serve);
	suite_add("serve: no service on fewer ports", test_serve_fewer);
	suite_add("block: more ports", test_block);
	return suite_run("identity");
}
