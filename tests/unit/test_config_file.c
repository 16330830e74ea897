/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "suite.h"

/* A file that is refused: the error names the line, and what is wrong with it. */
struct refusal_case {
	const char *about;
	const char *text;
	unsigned int line;
	const char *error; /* and in it, after FILE:LINE: */
};

#define HEAD   "# a comment\n\n[udpechod]\n"
#define DEVICE "[device a]\ndevice = tap:e\n"
#define TEN    "0123456789"
#define FIFTY  TEN TEN TEN TEN TEN

static const struct refusal_case refusals[] = {
	{"refused: a setting that there is not", HEAD "upd-port = 7\n", 4,
		"upd-port: no such setting"},
	{"refused: a bad value", HEAD "\n  udp-port = 7,x  # list\n", 5,
		"udp-port: 7,x: not a list"},
	{"refused: the second line of a list", HEAD "udp-port = 7\nudp-port = 0\n", 5,
		"udp-port: 7,0: not a list"},
	{"refused: no value", HEAD "udp-port =\n", 4, "no value"},
	{"refused: no value but a comment", HEAD "udp-port = # 7\n", 4, "no value"},
	{"refused: no name", HEAD "= 7\n", 4, "neither"},
	{"refused: no equals sign", HEAD "udp-port 7\n", 4, "neither [SECTION] nor KEY = VALUE"},
	{"refused: before a section", "udp-port = 7\n", 1, "begin with [udpechod]"},
	{"refused: no such section", "[udpecho]\nudp-port = 7\n", 1, "no section [udpecho]"},
	{"refused: an open section", "[udpechod\n", 1, "not a section"},
	{"refused: words behind a section", "[udpechod] udp-port = 7\n", 1, "not a section"},
	{"refused: a section without a name", "[]\n", 1, "not a section"},
	{"refused: the same section again", HEAD "[udpechod]\n", 4, "given twice"},
	{"refused: a setting twice", HEAD "ttl = 3\nreport = text\nttl = 4\n", 6,
		"ttl: given twice"},
	{"refused: a setting of a device for all", HEAD "mac = 02:00:00:00:00:01\n", 4,
		"mac: belongs in section [device NAME]"},
	{"refused: a setting for all of a device", DEVICE "ttl = 3\n", 3,
		"ttl: belongs in section [udpechod]"},
	{"refused: a section without a device", DEVICE "[device b]\naddress = 10.0.0.1\n", 3,
		"without a device"},
	{"refused: two devices in a section", DEVICE "device = tap:f\n", 3, "device: given twice"},
	{"refused: a device that is none", "[device]\naddress = 10.0.0.1\ndevice = eth0\n", 3,
		"device: eth0: unknown kind"},
	{"refused: a bad address before its device", "[device]\naddress = 10.0.0\ndevice = tap:e\n",
		2, "address: 10.0.0: not an IP address"},
	{"refused: in the second section of three",
		HEAD DEVICE "[device b]\ndevice = tap:f\nmtu = 5\n[device c]\ndevice = tap:g\n", 8,
		"mtu: 5: not a number"},
	{"refused: a value of 256 characters",
		HEAD "acl = " FIFTY FIFTY FIFTY FIFTY FIFTY "012345\n", 4, "over 255 characters"},
	{"refused: a name of 64 characters", HEAD FIFTY "01234567890123 = 1\n", 4,
		"name is too long"},
	{"refused: a section's name of 64 characters", "[" FIFTY "01234567890123]\n", 1,
		"name is too long"},
	{"refused: a long line", HEAD "# " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY "\n", 4,
		"line is too long"},
	{"refused: lines end as on an old Macintosh", "# all\r[udpechod]\rttl = 3\r", 1,
		"a carriage return"},
	{"refused: an access list that is not there", HEAD "acl = /nowhere/acl\n", 4,
		"acl: /nowhere/acl: No such file"},
};

static void test_refused(void **state)
{
	const struct refusal_case *row = *state;
	struct config config;
	struct error error = {.text = ""};
	char place[16];

	config_init(&config);
	assert_true(config_read_text(&config, row->text, &error) < 0);
	snprintf(place, sizeof(place), ":%u: ", row->line);
	if (strstr(error.text, place) == NULL || strstr(error.text, row->error) == NULL ||
		strchr(error.text, '\n') != NULL)
		fail_msg("%s", error.text);
	config_free(&config);
}

static void test_no_file(void **state)
{
	struct config config;
	struct error error;

	(void)state;
	config_init(&config);
	assert_true(config_read_file(&config, "/nowhere/conf", &error) < 0);
	assert_string_equal(error.text, "/nowhere/conf: No such file or directory");
	config_free(&config);
}

/* A zero byte would hide what follows. */
static void test_binary(void **state)
{
	char path[] = "/tmp/udpechod-test-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct config config;
	struct error error;

	(void)state;
	fwrite("[udpechod]\nttl = 3\0junk\n", 1, 24, file);
	fclose(file);
	config_init(&config);
	assert_true(config_read_file(&config, path, &error) < 0);
	assert_non_null(strstr(error.text, ":2: a zero byte"));
	config_free(&config);
	remove(path);
}

static void test_all(void **state)
{
	struct config config;
	struct error error = {.text = ""};

	(void)state;
	config_init(&config);
	if (config_read_text(&config,
		    "[device one] # first\r\naddress=198.18.0.2/24\r\n\tdevice = pcap:a\\#b\n"
		    "mac = 02:00:00:00:00:0a\naddress = 198.18.0.3/24\n"
		    "[udpechod]\nudp-port = 7\nttl = 9 # hops\nudp-port = 9,11\n"
		    "cores = 1\ncores = 3-4\nexplain = on\nreport = json\n"
		    "[device]\ndevice = tap:e\naddress = 10.0.0.1/8",
		    &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(config.device_count, 2);
	assert_string_equal(config.devices[0].name, "a#b");
	assert_int_equal(config.devices[0].address_count, 2);
	assert_true(config.devices[0].has_mac);
	assert_string_equal(config.devices[1].name, "e");
	assert_int_equal(config.devices[1].address_count, 1);
	for (unsigned int port = 1; port < 20; port++)
		assert_int_equal(port_set_has(&config.ports, BE16(port)),
			port == 7 || port == 9 || port == 11);
	assert_int_equal(CPU_COUNT(&config.cores), 3);
	assert_int_equal(config.ttl, 9);
	assert_true(config.explain);
	assert_int_equal(config.report, REPORT_JSON);
	config_free(&config);
}

/* A list too long for one line is printed in several, and read again. */
static void test_long_list(void **state)
{
	static struct config config, again;
	struct error error = {.text = ""};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	config_init(&config);
	for (unsigned int port = 1; port <= UINT16_MAX; port += 3)
		port_set_add(&config.ports, (uint16_t)port);
	config_print(&config, stream);
	fclose(stream);
	config_init(&again);
	if (config_read_text(&again, text, &error) < 0)
		fail_msg("%s", error.text);
	assert_memory_equal(&config.ports, &again.ports, sizeof(config.ports));
	free(text);
	config_free(&config);
	config_free(&again);
}

/* What --check prints is called as it was in the file, whose sections tell which device it is. */
static void test_sections(void **state)
{
	static struct config config;
	struct error error = {.text = ""};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	config_init(&config);
	if (config_read_text(&config,
		    "\xef\xbb\xbf[device uplink]\r\ndevice = tap:e\r\n[device]\ndevice = tap:f\n",
		    &error) < 0)
		fail_msg("%s", error.text);
	config_print(&config, stream);
	fclose(stream);
	assert_non_null(strstr(text, "\n[device uplink]\ndevice = tap:e\n"));
	assert_non_null(strstr(text, "\n[device]\ndevice = tap:f\n"));
	free(text);
	config_free(&config);
}

/* Of what a file says of its devices, options replace addresses, and add to nothing. */
static void test_option_wins(void **state)
{
	struct config config;
	struct error error;

	(void)state;
	config_init(&config);
	assert_int_equal(config_read_text(&config,
				 DEVICE "address = 10.0.0.1\naddress = 10.0.0.2\n", &error),
		0);
	assert_int_equal(setting_apply(&config, "address", "10.0.0.3", &error), 0);
	assert_int_equal(setting_apply(&config, "address", "10.0.0.4", &error), 0);
	assert_int_equal(config.devices[0].address_count, 2);
	assert_int_equal(
		be32_get(ip_address_ipv4(config.devices[0].addresses[0].address)), 0x0a000003);
	config_drop_devices(&config);
	assert_int_equal(config.device_count, 0);
	assert_int_equal(config.devices[0].address_count, 0);
	config_free(&config);
}

int main(void)
{
	SUITE_ADD(refusals, test_refused);
	suite_add("refused: a file that is not there", test_no_file);
	suite_add("refused: a zero byte", test_binary);
	suite_add("every form that there is", test_all);
	suite_add("a long list goes on in other lines", test_long_list);
	suite_add("a mark of UTF-8, and sections keep their names", test_sections);
	suite_add("options win", test_option_wins);
	return suite_run("config_file");
}
