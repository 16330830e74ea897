/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define NO_LETTER 256 /* plus the number of its row: the value of an option without a letter */

/* An option is a setting, asks for an action, or names the configuration file. */
static const struct option_row {
	int letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: none; in brackets: one may leave it out */
	const char *help;
	const char *initial; /* what replaces @ in it, if it has one */
	enum action action;  /* ACTION_RUN: the option asks for none */
} rows[] = {
#define KEY(...)
#define SETTING(identifier, letter, name, argument, scope, repeats, change, initial, help, manual) \
	{letter, name, argument, help, initial, ACTION_RUN},
#include <udpecho/control/settings.def>
#undef SETTING
#undef KEY
	{'c', "config", "FILE", "read the settings of a file; options override them", NULL,
		ACTION_RUN},
	{0, "check", NULL, "print the effective configuration, and start nothing", NULL,
		ACTION_CHECK},
	{0, "doctor", NULL, "say what this machine lacks, and how to fix it", NULL, ACTION_DOCTOR},
	{'h', "help", NULL, "print this help", NULL, ACTION_HELP},
	{'V', "version", NULL, "print the version", NULL, ACTION_VERSION},
};

/* True for "[=N]"; false for "[IP:]PORT", where one may leave out only a part. */
static bool is_optional(const char *argument)
{
	return strncmp(argument, "[=", 2) == 0;
}

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* Finds the row of KEY, which getopt_long() returned. */
static const struct option_row *find_row(int key)
{
	if (key >= NO_LETTER)
		return &rows[key - NO_LETTER];
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter == key)
			return &rows[i];
	return NULL;
}

/* Fills the two tables that getopt_long() takes. */
static void fill_getopt(struct option *long_options, char *short_options)
{
	*short_options++ = ':'; /* getopt_long() then tells a missing argument by ':' */
	for (size_t i = 0; i < ROW_COUNT; i++) {
		long_options[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument == NULL        ? no_argument
				   : is_optional(rows[i].argument) ? optional_argument
								   : required_argument,
			.val = rows[i].letter != 0 ? rows[i].letter : NO_LETTER + (int)i,
		};
		if (rows[i].letter != 0) {
			*short_options++ = (char)rows[i].letter;
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

	if (optopt > 0 && optopt < NO_LETTER && strncmp(option, "--", 2) != 0)
		option = letter;
	error_set(error, EINVAL, "option %s: %s: try `udpechod --help`", option,
		key == ':' ? "needs an argument" : "unknown, ambiguous, or takes no argument");
	return ACTION_REFUSE;
}

/* Takes what follows `--` as arguments for EAL, and refuses other operands. */
static int take_operands(int count, char *arguments[], struct config *config, struct error *error)
{
	if (optind < count && strcmp(arguments[optind - 1], "--") != 0)
		return error_set(error, EINVAL,
			"%s: not an option: give devices with -d: try `udpechod --help`",
			arguments[optind]);
	for (int i = optind; i < count; i++)
		if (config_add_eal_argument(config, arguments[i], error) < 0)
			return -ENOMEM;
	return 0;
}

/* An option of the command line. */
struct given {
	const struct option_row *row;
	const char *text;
};

static bool is_given(const struct given *given, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(given[i].row->name, name) == 0)
			return true;
	return false;
}

/* Refuses a setting of a device if it is unclear of which device: the file has several. */
static int check_owner(const struct config *config, const struct setting *setting, bool has_device,
	struct error *error)
{
	if (setting->scope == SETTING_OF_APPLIANCE || has_device || config->device_count < 2)
		return 0;
	return error_set(error, EINVAL,
		"the configuration file has %u devices: set it there, or give -d too",
		config->device_count);
}

/* Takes the file before the options, which override it. With -d the file's devices are dropped. */
static int apply(
	const struct given *given, size_t count, struct config *config, struct error *error)
{
	const bool has_device = is_given(given, count, "device");

	for (size_t i = 0; i < count; i++)
		if (given[i].row->letter == 'c' &&
			config_read_file(config, given[i].text, error) < 0)
			return -EINVAL;
	if (has_device)
		config_drop_devices(config);
	for (size_t i = 0; i < count; i++) {
		const struct setting *setting = setting_find(given[i].row->name);

		if (setting != NULL && (check_owner(config, setting, has_device, error) < 0 ||
					       setting->set(config, given[i].text, error) < 0)) {
			error_prefix(error, "option --%s", setting->name);
			return -EINVAL;
		}
	}
	return 0;
}

/* Collects the options in their order. Returns ACTION_RUN if none asks for another action. */
static enum action collect(
	int count, char *arguments[], struct given *given, size_t *given_count, struct error *error)
{
	struct option long_options[ROW_COUNT + 1];
	char short_options[2 * ROW_COUNT + 2];
	enum action action = ACTION_RUN;
	bool has_file = false;
	int key;

	fill_getopt(long_options, short_options);
	opterr = 0;
	optind = 0; /* begin at the first argument: each reload reads them again */
	while ((key = getopt_long(count, arguments, short_options, long_options, NULL)) != -1) {
		const struct option_row *row = find_row(key);

		if (row == NULL)
			return refuse_unknown(key, arguments, error);
		if (row->action == ACTION_HELP || row->action == ACTION_VERSION)
			return row->action;
		if (row->action != ACTION_RUN)
			action = row->action;
		if (key == 'c' && has_file) {
			error_set(error, EINVAL, "option --config: given twice");
			return ACTION_REFUSE;
		}
		has_file |= key == 'c';
		given[(*given_count)++] = (struct given){row, optarg};
	}
	return action;
}

/* Checks the config, but not for the doctor: that needs neither an address nor a device. */
static int finish(enum action action, const struct config *config, struct error *error)
{
	return action == ACTION_DOCTOR ? 0 : config_finish(config, error);
}

enum action options_read(int count, char *arguments[], struct config *config, struct error *error)
{
	struct given *given = calloc((size_t)count, sizeof(*given));
	size_t given_count = 0;
	enum action action;

	if (given == NULL) {
		error_set(error, ENOMEM, "no memory");
		return ACTION_REFUSE;
	}
	action = collect(count, arguments, given, &given_count, error);
	if (action != ACTION_HELP && action != ACTION_VERSION && action != ACTION_REFUSE &&
		(apply(given, given_count, config, error) < 0 ||
			take_operands(count, arguments, config, error) < 0 ||
			finish(action, config, error) < 0))
		action = ACTION_REFUSE;
	free(given);
	return action;
}

static void print_row(const struct option_row *row, FILE *stream)
{
	const int length = (int)strcspn(row->help, "@");
	char text[40];

	snprintf(text, sizeof(text), "--%s%s%s", row->name,
		row->argument != NULL && !is_optional(row->argument) ? "=" : "",
		row->argument != NULL ? row->argument : "");
	if (row->letter != 0)
		fprintf(stream, "  -%c, %-31s ", row->letter, text);
	else
		fprintf(stream, "      %-31s ", text);
	if (row->help[length] == '@')
		fprintf(stream, "%.*s%s%s\n", length, row->help, row->initial,
			row->help + length + 1);
	else
		fprintf(stream, "%s\n", row->help);
}

void options_help(FILE *stream)
{
	fputs("Usage: udpechod [OPTION...] [-- EAL-ARGUMENT...]\n"
	      "Answers UDP datagrams, pings and ARP on devices of its own, through DPDK.\n\n",
		stream);
	for (size_t i = 0; i < ROW_COUNT; i++)
		print_row(&rows[i], stream);
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
