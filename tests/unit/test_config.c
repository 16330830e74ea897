/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <udpecho/control/device.h>

#include "settings.h"
#include "suite.h"

/* A refused text. The error's one line names it, and says how to do better. */
struct refusal_case {
	const char *about;
	struct setting_text setting;
	const char *mend; /* what the line must say besides */
};

static const struct refusal_case refusals[] = {
	{"refused: a device of unknown kind", {"device", "eth0:x"}, "pcap-live:"},
	{"refused: a device without a kind", {"device", "eth0"}, "af_xdp:"},
	{"refused: the beginning of a kind", {"device", "af_:eth0"}, "af_packet:"},
	{"refused: more than a kind", {"device", "pcap-:x"}, "pcap:"},
	{"refused: an empty kind", {"device", ":eth0"}, "unknown kind"},
	{"refused: an empty device", {"device", ""}, "unknown kind"},
	{"refused: a device without a name", {"device", "af_xdp:"}, "af_xdp:IFACE"},
	{"refused: a device without a colon", {"device", "tap"}, "tap:NAME"},
	{"refused: pcap without a file", {"device", "pcap:"}, "pcap:IN.pcap"},
	{"refused: pcap without an input", {"device", "pcap:,out"}, "pcap:IN.pcap"},
	{"refused: pcap without the output that it announces", {"device", "pcap:in,"}, "OUT.pcap"},
	{"refused: an address that is none", {"address", "198.18.0"}, "198.18.0.2/24"},
	{"refused: a prefix of 33", {"address", "198.18.0.2/33"}, "198.18.0.2/24"},
	{"refused: an empty address", {"address", ""}, "198.18.0.2/24"},
	{"refused: an address and nothing", {"address", "198.18.0.2,"}, "198.18.0.2/24"},
	{"refused: address 0", {"address", "0.0.0.0"}, "no host"},
	{"refused: an address of network 0", {"address", "0.1.2.3/8"}, "no host"},
	{"refused: loopback", {"address", "127.0.0.1/8"}, "no host"},
	{"refused: a group's address", {"address", "224.0.0.1"}, "no host"},
	{"refused: broadcast", {"address", "255.255.255.255"}, "no host"},
	{"refused: a subnet's own number", {"address", "198.18.0.0/24"},
		"address of the subnet itself"},
	{"refused: a subnet's own number, of 30", {"address", "198.18.0.4/30"},
		"address of the subnet itself"},
	{"refused: a subnet's own number, in a list", {"address", "198.18.0.2,198.18.0.0/15"},
		"address of the subnet itself"},
	{"refused: a subnet's broadcast address", {"address", "198.18.0.3/30"},
		"broadcast address of its subnet"},
	{"refused: a prefix of 129", {"address", "2001:2::2/129"}, "2001:2::2/64"},
	{"refused: an address with a zone", {"address", "fe80::2%eth0/64"}, "without its zone"},
	{"refused: an IPv4 address as one of IPv6", {"address", "::FFFF:198.18.0.2"},
		"as 198.18.0.2/24"},
	{"refused: the unspecified address of IPv6", {"address", "::"}, "no host"},
	{"refused: the loopback address of IPv6", {"address", "::1"}, "no host"},
	{"refused: a group's address of IPv6", {"address", "ff02::1/64"}, "no host"},
	{"refused: an IPv6 subnet's own address", {"address", "2001:2::/64"},
		"address of the subnet itself"},
	{"refused: an IPv6 subnet's own address, of 126", {"address", "2001:2::4/126"},
		"address of the subnet itself"},
	{"refused: an address with two prefixes", {"address", "198.18.0.2/24,198.18.0.2"},
		"the device has this address already, with /24"},
	{"refused: a group's MAC", {"mac", "01:00:5e:00:00:01"}, "02:00:00:00:00:02"},
	{"refused: a MAC that is none", {"mac", "nonsense"}, "02:00:00:00:00:02"},
	{"refused: port 0", {"udp-port", "0"}, "7,7000-7099"},
	{"refused: port 65536", {"udp-port", "65536"}, "65535"},
	{"refused: no port", {"udp-port", ""}, "empty"},
	{"refused: to block port 0", {"block-source-port", "0-9"}, "27015,30000-30099"},
	{"refused: an MTU under IPv4's least", {"mtu", "67"}, "68 to 65535"},
	{"refused: an MTU beyond IPv4's greatest", {"mtu", "65536"}, "68 to 65535"},
	{"refused: a list that is not there", {"acl", "/nowhere/acl"}, "No such file"},
	{"refused: a rate of 0", {"rate-limit", "0"}, "1000:50"},
	{"refused: a rate without the burst that it announces", {"icmp-arp-rate-limit", "5:"},
		"1000:50"},
	{"refused: reports at no rate", {"icmp-unreachable", "all"}, "1000:50"},
	{"refused: a prefix of sources of 33", {"rate-limit-prefix", "33"}, "0 to 32"},
	{"refused: a prefix of IPv6 sources of 0", {"rate-limit-prefix6", "0"}, "1 to 128"},
	{"refused: a prefix of IPv6 sources of 129", {"rate-limit-prefix6", "129"}, "1 to 128"},
#ifdef __x86_64__
	{"refused: no such variant", {"variant", "sse2"},
		"sse2: use auto, reference, scalar, avx2 or avx512"},
	{"refused: a variant of arm64", {"variant", "neon"},
		"neon: use auto, reference, scalar, avx2 or avx512"},
#elif defined(__aarch64__)
	{"refused: a variant of x86", {"variant", "avx2"},
		"avx2: use auto, reference, scalar or neon"},
#endif
	{"refused: neither on nor off", {"partial-checksums", "yes"}, "auto, on or off"},
	{"refused: a TTL of 0", {"ttl", "0"}, "1 to 255"},
	{"refused: a TTL of 256", {"ttl", "256"}, "1 to 255"},
	{"refused: to explain perhaps", {"explain", "maybe"}, "on or off"},
	{"refused: to idle in a way of its own", {"idle", "nap"}, "spin, pause, sleep"},
	{"refused: no queue", {"queues", "0"}, "1 to 32"},
	{"refused: 33 queues", {"queues", "33"}, "1 to 32"},
	{"refused: a level that there is not", {"log-level", "loud"}, "warning"},
	{"refused: HTTP on port 0", {"http", "0"}, "9110"},
	{"refused: HTTP on port 65536", {"http", "127.0.0.1:65536"}, "9110"},
	{"refused: HTTP without a port", {"http", "127.0.0.1:"}, "9110"},
	{"refused: HTTP without an address", {"http", ":9110"}, "9110"},
	{"refused: HTTP at a prefix", {"http", "127.0.0.1/8:9110"}, "9110"},
	{"refused: HTTP at IPv6 without brackets", {"http", "::1:9110"}, "[2001:2::1]:9110"},
	{"refused: HTTP at IPv6 without a port", {"http", "[::1]"}, "9110"},
	{"refused: HTTP at a name", {"http", "localhost:9110"}, "9110"},
	{"refused: core 1024", {"cores", "1024"}, "1,3-5"},
	{"refused: a report of unknown format", {"report", "xml"}, "json"},
	{"refused: a report in capitals", {"report", "JSON"}, "json"},
	{"refused: an empty report", {"report", ""}, "text"},
};

static void test_refused(void **state)
{
	const struct refusal_case *row = *state;
	struct config config;
	struct error error = {.text = ""};

	config_init(&config);
	assert_true(setting_apply(&config, row->setting.key, row->setting.text, &error) < 0);
	assert_non_null(strstr(error.text, row->setting.text));
	assert_non_null(strstr(error.text, row->mend));
	assert_null(strchr(error.text, '\n'));
	assert_int_equal(config.device_count, 0);
	config_free(&config);
}

/* A device: what the setter makes of the text. */
struct device_case {
	const char *about;
	const char *text, *kind, *name, *output;
	bool offline;
};

static const struct device_case devices[] = {
	{"device: pci", "pci:0000:01:00.0", "pci", "0000:01:00.0", NULL, false},
	{"device: af_xdp", "af_xdp:eth1", "af_xdp", "eth1", NULL, false},
	{"device: af_packet", "af_packet:eth1", "af_packet", "eth1", NULL, false},
	{"device: pcap", "pcap:in.pcap", "pcap", "in.pcap", NULL, true},
	{"device: pcap with an output", "pcap:in.pcap,out.pcap", "pcap", "in.pcap", "out.pcap",
		true},
	{"device: a path with a colon", "pcap:a:b,c:d", "pcap", "a:b", "c:d", true},
	{"device: pcap-live", "pcap-live:eth1", "pcap-live", "eth1", NULL, false},
	{"device: tap", "tap:echo0", "tap", "echo0", NULL, false},
	{"device: vdev, whose commas are its own", "vdev:net_ring0,nodeaction=x", "vdev",
		"net_ring0,nodeaction=x", NULL, false},
};

static void test_device(void **state)
{
	const struct device_case *row = *state;
	const struct config_device *device;
	struct config config;
	struct error error;

	config_init(&config);
	assert_int_equal(setting_apply(&config, "device", row->text, &error), 0);
	assert_int_equal(config.device_count, 1);
	device = &config.devices[0];
	assert_string_equal(device->text, row->text);
	assert_string_equal(device->kind->prefix, row->kind);
	assert_string_equal(device->name, row->name);
	assert_int_equal(device->output != NULL, row->output != NULL);
	if (row->output != NULL)
		assert_string_equal(device->output, row->output);
	assert_int_equal(device->kind->offline, row->offline);
	config_free(&config);
}

static void test_init(void **state)
{
	struct config config;

	(void)state;
	memset(&config, 0xff, sizeof(config));
	config_init(&config);
	for (unsigned int port = 0; port <= UINT16_MAX; port++)
		assert_int_equal(port_set_has(&config.ports, BE16(port)), port == 7);
	assert_int_equal(config.device_count, 0);
	assert_false(config.has_cores || config.explain);
	assert_int_equal(config.partial_checksums, PARTIAL_AUTO);
	assert_int_equal(config.limits.echo.per_second, 0);
	assert_int_equal(config.limits.icmp_arp.per_second, 0);
	assert_int_equal(config.limits.unreachable.per_second, 0);
	assert_int_equal(config.limits.prefix_length, 24);
	assert_int_equal(config.limits.prefix6_length, 64);
	assert_null(config.acl_path);
	assert_int_equal(config.report, REPORT_TEXT);
	config_free(&config);
}

/* One more than there is room for is refused by name, and nothing is overwritten. */
static void test_room(void **state)
{
	struct config config;
	struct error error;
	char text[32];

	(void)state;
	config_init(&config);
	for (unsigned int i = 0; i < CONFIG_DEVICES_MAX; i++) {
		snprintf(text, sizeof(text), "tap:e%u", i);
		assert_int_equal(setting_apply(&config, "device", text, &error), 0);
	}
	assert_int_equal(setting_apply(&config, "device", "tap:last", &error), -EINVAL);
	assert_non_null(strstr(error.text, "tap:last: too many"));
	for (unsigned int i = 0; i < IDENTITY_ADDRESSES_MAX; i++) {
		snprintf(text, sizeof(text), "10.0.0.%u", i + 1);
		assert_int_equal(setting_apply(&config, "address", text, &error), 0);
	}
	assert_int_equal(setting_apply(&config, "address", "10.0.0.99", &error), -EINVAL);
	assert_non_null(strstr(error.text, "10.0.0.99: too many"));
	assert_int_equal(
		config.devices[CONFIG_DEVICES_MAX - 1].address_count, IDENTITY_ADDRESSES_MAX);
	assert_int_equal(config.devices[CONFIG_DEVICES_MAX - 2].address_count, 0);
	config_free(&config);
}

/* Reports of unreachable ports are the one setting that may go without a value. */
static void test_unreachable(void **state)
{
	struct config config;
	struct error error;

	(void)state;
	config_init(&config);
	assert_int_equal(setting_apply(&config, "icmp-unreachable", NULL, &error), 0);
	assert_int_equal(config.limits.unreachable.per_second, 100);
	assert_int_equal(setting_apply(&config, "icmp-unreachable", "7:3", &error), 0);
	assert_int_equal(config.limits.unreachable.per_second, 7);
	assert_int_equal(config.limits.unreachable.burst, 3);
	config_free(&config);
}

int main(void)
{
	suite_add("init: port 7, a text report, no device", test_init);
	SUITE_ADD(refusals, test_refused);
	SUITE_ADD(devices, test_device);
	suite_add("unreachable: with and without a rate", test_unreachable);
	suite_add("room: one device, one address too many", test_room);
	return suite_run("config");
}
