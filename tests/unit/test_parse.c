/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "config/parse.h"

#include "suite.h"

struct prefix_case {
	const char *about;
	const char *text;
	bool good;
	uint32_t address;
	unsigned int prefix_length;
};

static const struct prefix_case prefixes[] = {
	{"prefix: with a length", "198.18.0.2/24", true, 0xc6120002, 24},
	{"prefix: without one, 32", "198.18.0.2", true, 0xc6120002, 32},
	{"prefix: the shortest text", "1.2.3.4/0", true, 0x01020304, 0},
	{"prefix: the longest text", "255.255.255.255/32", true, 0xffffffff, 32},
	{"prefix: 31", "10.0.0.1/31", true, 0x0a000001, 31},
	{"prefix: empty", "", false, 0, 0},
	{"prefix: a length alone", "/24", false, 0, 0},
	{"prefix: 33", "198.18.0.2/33", false, 0, 0},
	{"prefix: an empty length", "198.18.0.2/", false, 0, 0},
	{"prefix: a negative length", "198.18.0.2/-1", false, 0, 0},
	{"prefix: a signed length", "198.18.0.2/+24", false, 0, 0},
	{"prefix: a length behind a blank", "198.18.0.2/ 24", false, 0, 0},
	{"prefix: something behind the length", "198.18.0.2/24x", false, 0, 0},
	{"prefix: two lengths", "198.18.0.2/24/24", false, 0, 0},
	{"prefix: a netmask", "198.18.0.2/255.255.255.0", false, 0, 0},
	{"prefix: a length of 2^64 + 24", "198.18.0.2/18446744073709551640", false, 0, 0},
	{"prefix: a length of 2^32 + 24", "198.18.0.2/4294967320", false, 0, 0},
	{"prefix: three numbers", "198.18.2", false, 0, 0},
	{"prefix: five numbers", "1.2.3.4.5", false, 0, 0},
	{"prefix: 256", "198.18.0.256", false, 0, 0},
	{"prefix: a name", "localhost", false, 0, 0},
	{"prefix: a blank before", " 198.18.0.2", false, 0, 0},
	{"prefix: a blank behind", "198.18.0.2 ", false, 0, 0},
	{"prefix: longer than any address", "198.198.198.198.198.198.198/24", false, 0, 0},
	{"prefix: 16 characters", "198.198.198.1980", false, 0, 0},
};

static void test_prefix(void **state)
{
	const struct prefix_case *row = *state;
	struct ip_prefix prefix = {0};

	assert_int_equal(parse_prefix(row->text, &prefix), row->good);
	if (!row->good)
		return;
	assert_int_equal(be32_get(ip_address_ipv4(prefix.address)), row->address);
	assert_int_equal(prefix.length, row->prefix_length);
}

struct prefix6_case {
	const char *about;
	const char *text;
	bool good;
	struct ip_address address;
	unsigned int prefix_length;
};

#define V6(a, b, c, d)                                     \
	{                                                  \
		{                                          \
			BE32(a), BE32(b), BE32(c), BE32(d) \
		}                                          \
	}
#define NONE V6(0, 0, 0, 0)

static const struct prefix6_case prefixes6[] = {
	{"prefix: IPv6, with a length", "2001:2::2/64", true, V6(0x20010002, 0, 0, 2), 64},
	{"prefix: IPv6, without one, 128", "2001:2::2", true, V6(0x20010002, 0, 0, 2), 128},
	{"prefix: IPv6, everybody", "::/0", true, NONE, 0},
	{"prefix: IPv6, the longest text", "2001:DB8:abcd:ef01:2345:6789:255.255.255.255/128", true,
		V6(0x20010db8, 0xabcdef01, 0x23456789, 0xffffffff), 128},
	{"prefix: IPv6, next to the IPv4 ones", "::fffe:c612:2", true, V6(0, 0, 0xfffe, 0xc6120002),
		128},
	{"prefix: IPv6, an IPv4 one", "::ffff:198.18.0.2", false, NONE, 0},
	{"prefix: IPv6, an IPv4 one in hex", "0:0:0:0:0:ffff:c612:2/96", false, NONE, 0},
	{"prefix: IPv6, 129", "2001:2::/129", false, NONE, 0},
	{"prefix: IPv6, an empty length", "2001:2::/", false, NONE, 0},
	{"prefix: IPv6, a zone", "fe80::1%eth0", false, NONE, 0},
	{"prefix: IPv6, a zone before the length", "fe80::1%1/64", false, NONE, 0},
	{"prefix: IPv6, brackets", "[2001:2::]/64", false, NONE, 0},
	{"prefix: IPv6, two gaps", "2001::2::", false, NONE, 0},
	{"prefix: IPv6, nine groups", "1:2:3:4:5:6:7:8:9", false, NONE, 0},
	{"prefix: IPv6, five digits", "20010:2::", false, NONE, 0},
	{"prefix: IPv6, a colon at the end", "2001:2::1:", false, NONE, 0},
};

static void test_prefix6(void **state)
{
	const struct prefix6_case *row = *state;
	struct ip_prefix prefix;

	assert_int_equal(parse_prefix(row->text, &prefix), row->good);
	if (!row->good)
		return;
	assert_true(ip_address_equal(prefix.address, row->address));
	assert_int_equal(prefix.length, row->prefix_length);
}

struct endpoint_case {
	const char *about;
	const char *text;
	struct ip_address address;
	unsigned int port; /* 0: it is none */
};

#define V4(address) V6(0, 0, 0xffff, address)

static const struct endpoint_case endpoints[] = {
	{"endpoint: a port", "9110", V4(0x7f000001), 9110},
	{"endpoint: IPv4", "198.18.0.1:65535", V4(0xc6120001), 65535},
	{"endpoint: IPv6", "[2001:2::1]:1", V6(0x20010002, 0, 0, 1), 1},
	{"endpoint: IPv6, any", "[::]:9110", NONE, 9110},
	{"endpoint: IPv6, without brackets", "2001:2::1:9110", NONE, 0},
	{"endpoint: IPv6, without a port", "[2001:2::1]", NONE, 0},
	{"endpoint: IPv6, an empty port", "[2001:2::1]:", NONE, 0},
	{"endpoint: IPv6, port 0", "[2001:2::1]:0", NONE, 0},
	{"endpoint: IPv6, half a bracket", "[2001:2::1:9110", NONE, 0},
	{"endpoint: IPv6, the other half", "2001:2::1]:9110", NONE, 0},
	{"endpoint: IPv6, a prefix", "[2001:2::1/64]:9110", NONE, 0},
	{"endpoint: IPv6, a zone", "[fe80::1%eth0]:9110", NONE, 0},
	{"endpoint: IPv6, an IPv4 one", "[::ffff:127.0.0.1]:9110", NONE, 0},
	{"endpoint: IPv4 in brackets", "[127.0.0.1]:9110", NONE, 0},
	{"endpoint: IPv4, a prefix", "127.0.0.1/8:9110", NONE, 0},
	{"endpoint: empty brackets", "[]:9110", NONE, 0},
	{"endpoint: one bracket", "[:9110", NONE, 0},
	{"endpoint: empty", "", NONE, 0},
};

static void test_endpoint(void **state)
{
	const struct endpoint_case *row = *state;
	struct ip_address address;
	unsigned int port;

	assert_int_equal(parse_endpoint(row->text, &address, &port), row->port != 0);
	if (row->port == 0)
		return;
	assert_true(ip_address_equal(address, row->address));
	assert_int_equal(port, row->port);
}

struct mac_case {
	const char *about;
	const char *text;
	const char *bytes; /* NULL: it is none */
};

static const struct mac_case macs[] = {
	{"mac: six bytes", "02:00:00:00:00:02", "\x02\x00\x00\x00\x00\x02"},
	{"mac: every digit", "0a:1b:2c:3d:4e:5f", "\x0a\x1b\x2c\x3d\x4e\x5f"},
	{"mac: upper case", "0A:1B:2C:3D:4E:5F", "\x0a\x1b\x2c\x3d\x4e\x5f"},
	{"mac: a maker's", "00:1b:21:aa:bb:cc", "\x00\x1b\x21\xaa\xbb\xcc"},
	{"mac: zero", "00:00:00:00:00:00", NULL},
	{"mac: a group's", "01:00:5e:00:00:01", NULL},
	{"mac: broadcast", "ff:ff:ff:ff:ff:ff", NULL},
	{"mac: empty", "", NULL},
	{"mac: five bytes", "02:00:00:00:00", NULL},
	{"mac: seven bytes", "02:00:00:00:00:02:03", NULL},
	{"mac: no digit", "02:00:00:00:00:0g", NULL},
	{"mac: three digits", "02:00:00:00:00:002", NULL},
	{"mac: something behind it", "02:00:00:00:00:02x", NULL},
	{"mac: a colon behind it", "02:00:00:00:00:02:", NULL},
	{"mac: a blank before it", " 02:00:00:00:00:02", NULL},
	{"mac: a blank behind it", "02:00:00:00:00:02 ", NULL},
	{"mac: an empty byte", "02:00::00:00:02", NULL},
	{"mac: a sign", "02:00:+0:00:00:02", NULL},
	{"mac: an address", "198.18.0.2", NULL},
};

static void test_mac(void **state)
{
	const struct mac_case *row = *state;
	struct mac_address mac = {{0}};

	assert_int_equal(parse_mac(row->text, &mac), row->bytes != NULL);
	if (row->bytes != NULL)
		assert_memory_equal(mac.bytes, row->bytes, 6);
}

int main(void)
{
	SUITE_ADD(prefixes, test_prefix);
	SUITE_ADD(prefixes6, test_prefix6);
	SUITE_ADD(endpoints, test_endpoint);
	SUITE_ADD(macs, test_mac);
	return suite_run("parse");
}
