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
	{"prefix: IPv6", "::1", false, 0, 0},
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
	SUITE_ADD(macs, test_mac);
	return suite_run("parse");
}
