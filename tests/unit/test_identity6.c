/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "frames.h"
#include "suite.h"

static struct ip_address ipv6_of(const char *text)
{
	struct ip_address address;

	memcpy(&address, bytes_of(text).data, sizeof(address));
	return address;
}

/* Of 2001:2::2 and fe80::1234:5678:9abc, whose solicited-node groups are ff02::1:ff00:2 and
 * ff02::1:ff78:9abc. */
static void make_identity(struct identity *identity)
{
	identity_init(identity, (struct mac_address){{2}});
	assert_true(identity_add_address(identity, (struct ip_prefix){ipv6_of(OURS6), 64}));
	assert_true(identity_add_address(identity,
		(struct ip_prefix){ipv6_of("fe80 0000 0000 0000 0000 1234 5678 9abc"), 64}));
}

/* What an IPv6 address may be to us: ours, a group that we are in, or a source that we refuse. */
struct ipv6_case {
	const char *about;
	const char *address;
	bool owned, joined, refused;
};

static const struct ipv6_case addresses[] = {
	{"ours", OURS6, .owned = true, .refused = true},
	{"our second", "fe80 0000 0000 0000 0000 1234 5678 9abc", .owned = true, .refused = true},
	{"another", PEER6, .refused = false},
	{"::, that of nobody", NOBODY6, .refused = true},
	{"::1, the loopback", "0000 0000 0000 0000 0000 0000 0000 0001", .refused = true},
	{"::2", "0000 0000 0000 0000 0000 0000 0000 0002", .refused = false},
	{"1::", "0001 0000 0000 0000 0000 0000 0000 0000", .refused = false},
	{"0:0:1::", "0000 0000 0001 0000 0000 0000 0000 0000", .refused = false},
	{"::1:0:0", "0000 0000 0000 0000 0000 0001 0000 0000", .refused = false},
	{"one of IPv4", "0000 0000 0000 0000 0000 ffff c612 0001", .refused = true},
	{"next to those of IPv4", "0000 0000 0000 0000 0000 fffe c612 0001", .refused = false},
	{"the last before the groups", "feff ffff ffff ffff ffff ffff ffff ffff", .refused = false},
	{"the first group", "ff00 0000 0000 0000 0000 0000 0000 0000", .refused = true},
	{"all nodes", ALL_NODES6, .joined = true, .refused = true},
	{"all routers", "ff02 0000 0000 0000 0000 0000 0000 0002", .refused = true},
	{"all nodes of this host", "ff01 0000 0000 0000 0000 0000 0000 0001", .refused = true},
	{"ff02:0:0:1::1", "ff02 0000 0000 0001 0000 0000 0000 0001", .refused = true},
	{"our group", SOLICITED6, .joined = true, .refused = true},
	{"our second group", "ff02 0000 0000 0000 0000 0001 ff78 9abc", .joined = true,
		.refused = true},
	{"another's group", "ff02 0000 0000 0000 0000 0001 ff00 0001", .refused = true},
	{"our group but for ff", "ff02 0000 0000 0000 0000 0001 fe00 0002", .refused = true},
	{"our group but for 1", "ff02 0000 0000 0000 0000 0000 ff00 0002", .refused = true},
	{"our group, but of 2", "ff02 0000 0000 0000 0000 0002 ff00 0002", .refused = true},
	{"our group, but of another kind", "ff02 0000 0000 0001 0000 0001 ff00 0002",
		.refused = true},
	{"our group, but of a site", "ff05 0000 0000 0000 0000 0001 ff00 0002", .refused = true},
};

static void test_address(void **state)
{
	const struct ipv6_case *row = *state;
	const struct ip_address address = ipv6_of(row->address);
	struct identity identity;

	make_identity(&identity);
	assert_int_equal(identity_owns_ipv6(&identity, address), row->owned);
	assert_int_equal(identity_joined_ipv6(&identity, address), row->joined);
	assert_int_equal(identity_refuses_ipv6(&identity, address, ipv6_of(OURS6)), row->refused);
	assert_int_equal(
		identity_refuses_ipv6(&identity, address, ipv6_of(ALL_NODES6)), row->refused);
	/* A host may ask for the owner of an address before it has one. */
	assert_int_equal(identity_refuses_ipv6(&identity, address, ipv6_of(SOLICITED6)),
		row->refused && !ip_address_is_unspecified6(address));
}

/* Each bit of an address counts, and of the MAC of a group. */
static void test_bits(void **state)
{
	const struct bytes macs = bytes_of(ALL_NODES_MAC SOLICITED_MAC "3333ff789abc");
	struct identity identity;
	struct mac_address mac;

	(void)state;
	make_identity(&identity);
	for (unsigned int bit = 0; bit < 128; bit++) {
		struct ip_address address = ipv6_of(OURS6);

		((uint8_t *)&address)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(identity_owns_ipv6(&identity, address));
		assert_false(ip_address_is_unspecified6(address));
	}
	for (unsigned int i = 0; i < macs.length; i += sizeof(mac)) {
		memcpy(&mac, macs.data + i, sizeof(mac));
		assert_true(identity_joined_mac(&identity, &mac));
		for (unsigned int bit = 0; bit < 48; bit++) {
			struct mac_address other = mac;

			other.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(identity_joined_mac(&identity, &other));
		}
	}
}

/* Addresses of both families: each has its place among all, and among those of its family. */
static void test_families(void **state)
{
	const struct ip_address ours[] = {ip_address_of_ipv4(BE32(0x0a000001)), ipv6_of(OURS6),
		ip_address_of_ipv4(BE32(0x0a000002)), ipv6_of(OTHER6)};
	struct identity identity;

	(void)state;
	identity_init(&identity, (struct mac_address){{2}});
	for (unsigned int i = 0; i < COUNT(ours); i++)
		assert_true(identity_add_address(&identity, (struct ip_prefix){ours[i], 24}));
	assert_int_equal(identity.ipv4_count, 2);
	assert_int_equal(identity.ipv6_count, 2);
	assert_memory_equal(identity.addresses, ours, sizeof(ours));
	identity_remove_ipv4(&identity, 1);
	assert_int_equal(identity.address_count, 3);
	assert_int_equal(identity.ipv4_count, 1);
	assert_int_equal(identity.ipv6_count, 2);
	assert_memory_equal(&identity.addresses[1], &ours[1], sizeof(ours[1]));
	assert_memory_equal(&identity.addresses[2], &ours[3], sizeof(ours[3]));
	assert_memory_equal(&identity.ipv6[0], &ours[1], sizeof(ours[1]));
	assert_memory_equal(&identity.ipv6[1], &ours[3], sizeof(ours[3]));
}

int main(void)
{
	SUITE_ADD(addresses, test_address);
	suite_add("each bit", test_bits);
	suite_add("addresses of both families", test_families);
	return suite_run("identity6");
}
