/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "options.h"

static int set_explain(struct config *config, const char *text, struct error *error)
{
	(void)text;
	(void)error;
	config->explain = true;
	return 0;
}

/* Long options without a short form take a value that is no character. */
enum {
	OPTION_CORES = 256,
	OPTION_REPORT,
	OPTION_EXPLAIN,
	OPTION_CHECK,
	OPTION_MTU,
	OPTION_ACL,
	OPTION_BLOCK,
	OPTION_RATE,
	OPTION_RATE_PREFIX,
	OPTION_ICMP_RATE,
	OPTION_UNREACHABLE,
	OPTION_PARTIAL,
	OPTION_VARIANT,
};

static const struct option_row {
	int key;
	const char *name;
	const char *argument; /* NULL: takes none; in brackets: may be left out */
	const char *help;
	int (*set)(struct config *config, const char *text, struct error *error);
	enum action action; /* what an option without a setter asks for */
} rows[] = {
	{'d', "device", "DEVICE", "where frames come from and go to; repeatable", config_set_device,
		0},
	{'a', "address", "IP[/LEN]", "an IPv4 address that the device answers for; repeatable",
		config_set_address, 0},
	{'m', "mac", "MAC", "its MAC address, where it has none worth keeping (offline)",
		config_set_mac, 0},
	{'p', "udp-port", "LIST", "served UDP ports: 7 | 7,7000-7099 | any (default 7)",
		config_set_ports, 0},
	{OPTION_MTU, "mtu", "BYTES", "the MTU of a NIC, for jumbo frames (default 1500)",
		config_set_mtu, 0},
	{OPTION_ACL, "acl", "FILE", "which sources are answered: `allow PREFIX`, `deny PREFIX`",
		config_set_acl, 0},
	{OPTION_BLOCK, "block-source-port", "LIST", "more source ports that are never answered",
		config_set_blocked_ports, 0},
	{OPTION_RATE, "rate-limit", "N[:BURST]", "echoes a second for each source prefix",
		config_set_rate_limit, 0},
	{OPTION_RATE_PREFIX, "rate-limit-prefix", "LEN", "length of that prefix (default 24)",
		config_set_rate_limit_prefix, 0},
	{OPTION_ICMP_RATE, "icmp-arp-rate-limit", "N[:BURST]", "ICMP and ARP replies a second",
		config_set_icmp_arp_rate_limit, 0},
	{OPTION_UNREACHABLE, "icmp-unreachable", "[=N]",
		"report ports not served, N a second (100)", config_set_unreachable, 0},
	{OPTION_PARTIAL, "partial-checksums", "on|off",
		"finish the UDP checksums of virtual links (default on)",
		config_set_partial_checksums, 0},
	{OPTION_VARIANT, "variant", "NAME",
		"instructions: auto (default), reference, scalar, avx2, avx512", config_set_variant,
		0},
	{OPTION_CORES, "cores", "LIST", "cores that poll: 1 | 1,3-5 (default: picked)",
		config_set_cores, 0},
	{OPTION_REPORT, "report", "FORMAT", "the final report: text (default) or json",
		config_set_report, 0},
	{OPTION_EXPLAIN, "explain", NULL, "offline: a line for each frame, before the report",
		set_explain, 0},
	{OPTION_CHECK, "check", NULL, "print the effective configuration, start nothing", NULL,
		ACTION_CHECK},
	{'h', "help", NULL, "print this", NULL, ACTION_HELP},
	{'V', "version", NULL, "print the version", NULL, ACTION_VERSION},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct option_row *find_row(int key)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].key == key)
			return &rows[i];
	return NULL;
}

/* The two forms in which getopt_long() wants the table. */
static void fill_getopt(struct option *long_options, char *short_options)
{
	*short_options++ = ':'; /* a missing argument is reported as such */
	for (size_t i = 0; i < ROW_COUNT; i++) {
		long_options[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument == NULL   ? no_argument
				   : *rows[i].argument == '[' ? optional_argument
							      : required_argument,
			.val = rows[i].key,
		};
		if (rows[i].key < 256) {
			*short_options++ = (char)rows[i].key;
			if (rows[i].argument != NULL)
				*short_options++ = ':';
		}
	}
	long_options[ROW_COUNT] = (struct option){0};
	*short_options = '\0';
}

static enum action refuse_unknown(int key, char *arguments[], struct error *error)
{
	const char *option = arguments[optind - 1];
	const char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > 0 && optopt < 256 && strncmp(option, "--", 2) != 0)
		option = letter;
	error_set(error, EINVAL, "option %s: %s: try `udpechod --help`", option,
		key == ':' ? "wants an argument" : "unknown, ambiguous, or takes no argument");
	return ACTION_REFUSE;
}

/* What follows `--`, and nothing else, is EAL's. */
static enum action take_operands(
	int count, char *arguments[], struct config *config, struct error *error)
{
	if (optind < count && strcmp(arguments[optind - 1], "--") != 0) {
		error_set(error, EINVAL,
			"%s: not an option: devices are given with -d; try "
			"`udpechod --help`",
			arguments[optind]);
		return ACTION_REFUSE;
	}
	config->eal_arguments = arguments + optind;
	config->eal_argument_count = count - optind;
	return ACTION_RUN;
}

enum action options_read(int count, char *arguments[], struct config *config, struct error *error)
{
	struct option long_options[ROW_COUNT + 1];
	char short_options[2 * ROW_COUNT + 2];
	enum action action = ACTION_RUN;
	int key;

	fill_getopt(long_options, short_options);
	opterr = 0;
	while ((key = getopt_long(count, arguments, short_options, long_options, NULL)) != -1) {
		const struct option_row *row = find_row(key);

		if (row == NULL)
			return refuse_unknown(key, arguments, error);
		if (row->set == NULL) {
			if (row->action != ACTION_CHECK)
				return row->action;
			action = row->action;
			continue;
		}
		if (row->set(config, optarg, error) < 0) {
			error_prefix(error, "option --%s", row->name);
			return ACTION_REFUSE;
		}
	}
	if (take_operands(count, arguments, config, error) == ACTION_REFUSE ||
		config_finish(config, error) < 0)
		return ACTION_REFUSE;
	return action;
}

void options_help(FILE *stream)
{
	fputs("Usage: udpechod [OPTION...] [-- EAL-ARGUMENT...]\n"
	      "Answers UDP datagrams, pings and ARP on devices of its own, through DPDK.\n\n",
		stream);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char text[40];

		snprintf(text, sizeof(text), "--%s%s%s", rows[i].name,
			rows[i].argument != NULL && *rows[i].argument != '[' ? "=" : "",
			rows[i].argument != NULL ? rows[i].argument : "");
		if (rows[i].key < 256)
			fprintf(stream, "  -%c, %-31s %s\n", rows[i].key, text, rows[i].help);
		else
			fprintf(stream, "      %-31s %s\n", text, rows[i].help);
	}
	fputs("\nDEVICE: pci:0000:01:00.0        a NIC bound to vfio-pci\n"
	      "        af_xdp:IFACE            a kernel interface, through AF_XDP\n"
	      "        af_packet:IFACE         the same through a packet socket\n"
	      "        pcap:IN.pcap[,OUT.pcap] offline: replay IN, write the replies to OUT\n"
	      "        pcap-live:IFACE         a kernel interface, through libpcap\n"
	      "        tap:NAME                a new TAP interface\n"
	      "        vdev:DRIVER[,ARGS]      any other DPDK virtual device\n"
	      "\nExample: udpechod -d af_xdp:eth1 -a 198.18.0.2/24\n"
	      "See udpechod(8) for verdicts, exit statuses and more.\n",
		stream);
}
