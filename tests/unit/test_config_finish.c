/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"
#include "suite.h"

/* Settings in order, and what becomes of them together. */
struct finish_case {
	const char *about;
	struct setting_text settings[20];
	bool explain;
	const char *error;   /* what the line must say; NULL: all is well */
	const char *printed; /* what config_print() writes then */
};

#define IN      "device", "pcap:in"
#define ADDRESS "address", "198.18.0.2/24"
#define MAC     "mac", "02:00:00:00:00:0a"
#define LIMITS  "rate-limit-prefix = 24\nrate-limit-prefix6 = 64\npartial-checksums = auto\n"
#define TAIL    "variant = auto\nidle = auto\nreport = text\nexplain = off\nno-probe = off\n"
#define HEAD    "[udpechod]\nudp-port = 7\nttl = 64\n"
#define ALL     HEAD LIMITS TAIL
#define SECTION "\n[device 0]\ndevice = pcap:in\naddress = 198.18.0.2/24\nmac = 02:00:00:00:00:0a\n"

static const struct finish_case finishes[] = {
	{"finish: an offline device", {{IN}, {ADDRESS}, {MAC}}, .printed = ALL SECTION},
	{"finish: address and MAC before the first device belong to it", {{MAC}, {ADDRESS}, {IN}},
		.printed = ALL SECTION},
	{"finish: ports, cores, report",
		{{IN}, {ADDRESS}, {MAC}, {"udp-port", "7,7000-7099,9"}, {"cores", "1,3-5"},
			{"report", "json"}},
		.printed = "[udpechod]\nudp-port = 7,9,7000-7099\nttl = 64\n" LIMITS
			   "cores = 1,3-5\nvariant = auto\nidle = auto\nreport = json\nexplain = "
			   "off\nno-probe = off\n" SECTION},
	{"finish: any port", {{IN}, {ADDRESS}, {MAC}, {"udp-port", "1-65535"}},
		.printed = "[udpechod]\nudp-port = any\nttl = 64\n" LIMITS TAIL SECTION},
	{"finish: ports replace ports",
		{{IN}, {ADDRESS}, {MAC}, {"udp-port", "9"}, {"udp-port", "8,65535"}},
		.printed = "[udpechod]\nudp-port = 8,65535\nttl = 64\n" LIMITS TAIL SECTION},
	{"finish: the last report wins",
		{{IN}, {ADDRESS}, {MAC}, {"report", "json"}, {"report", "text"}},
		.printed = ALL SECTION},
	{"finish: control characters", {{"device", "pcap:\033i\nn"}, {ADDRESS}, {MAC}},
		.printed = ALL "\n[device 0]\ndevice = pcap:\033i?n\naddress = 198.18.0.2/24\n"
			       "mac = 02:00:00:00:00:0a\n"},
	{"finish: core 0 and the highest", {{IN}, {ADDRESS}, {MAC}, {"cores", "0,1022-1023"}},
		.printed = HEAD LIMITS "cores = 0,1022-1023\n" TAIL SECTION},
	{"finish: every limit",
		{{IN}, {ADDRESS}, {MAC}, {"rate-limit", "1000"}, {"rate-limit-prefix", "0"},
			{"rate-limit-prefix6", "128"}, {"icmp-arp-rate-limit", "20:5"},
			{"icmp-unreachable", "1000000000:1"}},
		.printed = HEAD
		"rate-limit = 1000:1000\n"
		"rate-limit-prefix = 0\nrate-limit-prefix6 = 128\nicmp-arp-rate-limit = 20:5\n"
		"icmp-unreachable = 1000000000:1\npartial-checksums = auto\n" TAIL SECTION},
	{"finish: partial checksums, of captures too",
		{{IN}, {ADDRESS}, {MAC}, {"partial-checksums", "auto"},
			{"partial-checksums", "on"}},
		.printed = "[udpechod]\nudp-port = 7\nttl = 64\n"
			   "rate-limit-prefix = 24\nrate-limit-prefix6 = 64\npartial-checksums = "
			   "on\n" TAIL SECTION},
	{"finish: the rest of the policy",
		{{IN}, {ADDRESS}, {MAC}, {"block-source-port", "65535,27015"}, {"acl", "/dev/null"},
			{"partial-checksums", "on"}, {"partial-checksums", "off"},
			{"variant", "auto"}, {"variant", "reference"}, {"variant", "scalar"},
			{"ttl", "1"}, {"ttl", "255"}, {"idle", "sleep"}, {"idle", "pause"},
			{"log-level", "info"}, {"eal-argument", "--a"}, {"eal-argument", "#b"}},
		.printed = "[udpechod]\nudp-port = 7\nttl = 255\n"
			   "block-source-port = 27015,65535\n"
			   "acl = /dev/null\nrate-limit-prefix = 24\nrate-limit-prefix6 = "
			   "64\npartial-checksums = off\n"
			   "variant = scalar\nidle = pause\nlog-level = info\nreport = "
			   "text\nexplain = off\nno-probe = off\n"
			   "eal-argument = --a\neal-argument = \\#b\n" SECTION},
	{"finish: an MTU of a NIC", {{"device", "pci:0000:01:00.0"}, {ADDRESS}, {"mtu", "9000"}},
		.printed = ALL "\n[device 0]\ndevice = pci:0000:01:00.0\n"
			       "address = 198.18.0.2/24\nmtu = 9000\n"},
	{"finish: an MTU that the device does not take", {{IN}, {ADDRESS}, {MAC}, {"mtu", "9000"}},
		.error = "pcap:in: takes no mtu"},
	{"finish: HTTP, of loopback unless told otherwise",
		{{IN}, {ADDRESS}, {MAC}, {"http", "9110"}},
		.printed = HEAD LIMITS "variant = auto\nidle = auto\nhttp = 127.0.0.1:9110\n"
				       "report = text\nexplain = off\nno-probe = off\n" SECTION},
	{"finish: HTTP, of all addresses", {{IN}, {ADDRESS}, {MAC}, {"http", "0.0.0.0:80"}},
		.printed = HEAD LIMITS "variant = auto\nidle = auto\nhttp = 0.0.0.0:80\n"
				       "report = text\nexplain = off\nno-probe = off\n" SECTION},
	{"finish: HTTP, of IPv6", {{IN}, {ADDRESS}, {MAC}, {"http", "[2001:02:0:0:1:0:0:0A]:80"}},
		.printed = HEAD LIMITS "variant = auto\nidle = auto\nhttp = [2001:2::1:0:0:a]:80\n"
				       "report = text\nexplain = off\nno-probe = off\n" SECTION},
	{"finish: queues of a NIC", {{"device", "pci:0000:01:00.0"}, {ADDRESS}, {"queues", "4"}},
		.printed = ALL "\n[device 0]\ndevice = pci:0000:01:00.0\n"
			       "address = 198.18.0.2/24\nqueues = 4\n"},
	{"finish: queues of an interface that has its own",
		{{"device", "af_xdp:e"}, {ADDRESS}, {"queues", "2"}}, .error = "ethtool -L"},
	{"finish: queues of a capture", {{IN}, {ADDRESS}, {MAC}, {"queues", "2"}},
		.error = "pcap:in: takes no queues: it has one"},
	{"finish: queues of a TAP, as many as its driver bears",
		{{"device", "tap:e"}, {ADDRESS}, {"queues", "4"}},
		.printed =
			ALL "\n[device 0]\ndevice = tap:e\naddress = 198.18.0.2/24\nqueues = 4\n"},
	{"finish: queues of a TAP, more than its driver bears",
		{{"device", "tap:e"}, {ADDRESS}, {"queues", "5"}}, .error = "--queues=4"},
	{"finish: two addresses", {{"device", "tap:e"}, {ADDRESS}, {"address", "10.0.0.1"}},
		.printed =
			ALL "\n[device 0]\ndevice = tap:e\naddress = 198.18.0.2/24,10.0.0.1/32\n"},
	{"finish: both addresses of a /31, and an address alone",
		{{"device", "tap:e"}, {"address", "198.18.0.0/31,198.18.0.1/31,10.0.0.0"}},
		.printed = ALL "\n[device 0]\ndevice = tap:e\n"
			       "address = 198.18.0.0/31,198.18.0.1/31,10.0.0.0/32\n"},
	{"finish: an address twice is one",
		{{"device", "tap:e"}, {"address", "10.0.0.1"}, {"address", "10.0.0.1/32"}},
		.printed = ALL "\n[device 0]\ndevice = tap:e\naddress = 10.0.0.1/32\n"},
	{"finish: two devices, to each its own",
		{{IN}, {ADDRESS}, {MAC}, {"device", "tap:e"}, {"address", "10.0.0.1/8"}},
		.printed = ALL SECTION "\n[device 1]\ndevice = tap:e\naddress = 10.0.0.1/8\n"},
	{"finish: explain", {{IN}, {ADDRESS}, {MAC}}, true,
		.printed = HEAD LIMITS "variant = auto\nidle = auto\nreport = text\nexplain = "
				       "on\nno-probe = off\n" SECTION},
	{"finish: nothing", {{ADDRESS}}, .error = "no device"},
	{"finish: no address", {{IN}, {MAC}}, .error = "pcap:in: no address"},
	{"finish: no MAC offline", {{IN}, {ADDRESS}}, .error = "pcap:in: no MAC"},
	{"finish: the second device has no address", {{IN}, {ADDRESS}, {MAC}, {"device", "tap:e"}},
		.error = "tap:e: no address"},
	{"finish: a device twice", {{IN}, {ADDRESS}, {MAC}, {IN}, {ADDRESS}, {MAC}},
		.error = "pcap:in: given twice"},
	{"finish: explain a live device", {{"device", "tap:e"}, {ADDRESS}}, true,
		.error = "--explain"},
	{"finish: explain two devices",
		{{IN}, {ADDRESS}, {MAC}, {"device", "pcap:b"}, {"address", "10.0.0.1"}, {MAC}},
		true, .error = "--explain"},
};

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	config_print(config, stream);
	fclose(stream);
	return text;
}

/* What was printed is a file, which says the same. */
static void check_round_trip(const char *printed)
{
	struct config config;
	struct error error = {.text = ""};
	char *again;

	config_init(&config);
	if (config_read_text(&config, printed, &error) < 0)
		fail_msg("%s", error.text);
	again = print(&config);
	assert_string_equal(again, printed);
	free(again);
	config_free(&config);
}

static void test_finish(void **state)
{
	const struct finish_case *row = *state;
	struct config config;
	struct error error = {.text = ""};
	char *printed;

	config_init(&config);
	config.explain = row->explain;
	for (size_t i = 0; i < COUNT(row->settings) && row->settings[i].key != NULL; i++)
		assert_int_equal(
			setting_apply(&config, row->settings[i].key, row->settings[i].text, &error),
			0);
	assert_int_equal(config_finish(&config, &error), row->error != NULL ? -EINVAL : 0);
	if (row->error != NULL) {
		assert_non_null(strstr(error.text, row->error));
		assert_null(strchr(error.text, '\n'));
	} else {
		printed = print(&config);
		assert_string_equal(printed, row->printed);
		check_round_trip(printed);
		free(printed);
	}
	config_free(&config);
}

/* A terminal gets no control characters. */
static void test_terminal(void **state)
{
	struct config config;
	struct error error;
	char text[4096] = "";
	int master, terminal;
	FILE *stream;

	(void)state;
	assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
	stream = fdopen(terminal, "w");
	assert_non_null(stream);
	config_init(&config);
	assert_int_equal(setting_apply(&config, "device", "pcap:\033[31m", &error), 0);
	config_print(&config, stream);
	fflush(stream);
	/* A read may return only a part of what was written. */
	while (strstr(text, "device = ") == NULL ||
		strchr(strstr(text, "device = "), '\n') == NULL) {
		struct pollfd ready = {.fd = master, .events = POLLIN};

		assert_int_equal(poll(&ready, 1, 10000), 1);
		assert_true(read(master, text + strlen(text), sizeof(text) - 1 - strlen(text)) > 0);
	}
	assert_non_null(strstr(text, "device = pcap:?[31m\r\n"));
	assert_null(strchr(text, '\033'));
	fclose(stream);
	close(master);
	config_free(&config);
}

int main(void)
{
	SUITE_ADD(finishes, test_finish);
	suite_add("no control characters for a terminal", test_terminal);
	return suite_run("config_finish");
}
