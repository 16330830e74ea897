/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deadline.h"

#define DIGITS          "0123456789"
#define PORT_DEFAULT    7 /* RFC 862 */
#define TIMEOUT_DEFAULT 15
#define TIMEOUT_MIN     0.001
#define TIMEOUT_MAX     86400.0 /* a day: longer waits are slips of the finger */

static enum status take_timeout(struct options *options, const char *argument)
{
	double seconds;
	char *end;

	/* strtod also reads signs, blanks, "nan", "0x1p3" and "1e9", which nobody means here. */
	seconds = strtod(argument, &end);
	if (strspn(argument, DIGITS ".") != strlen(argument) || end == argument || *end != '\0' ||
		seconds < TIMEOUT_MIN || seconds > TIMEOUT_MAX)
		return report_usage(
			"--timeout=%s: not a number of seconds, 0.001 to 86400", argument);
	options->timeout_nanoseconds = (int64_t)(seconds * (double)NANOSECONDS_PER_SECOND);
	return STATUS_DONE;
}

static enum status take_help(struct options *options, const char *argument)
{
	(void)argument;
	options->task = TASK_HELP;
	return STATUS_DONE;
}

static enum status take_version(struct options *options, const char *argument)
{
	(void)argument;
	options->task = TASK_VERSION;
	return STATUS_DONE;
}

/* One row per option: getopt's tables and the help are made of it. */
static const struct row {
	char letter;
	const char *name;
	const char *argument; /* NULL when it takes none */
	enum status (*take)(struct options *options, const char *argument);
	const char *help;
} rows[] = {
	{'w', "timeout", "SECONDS", take_timeout, "how long to wait for the reply (default 15)"},
	{'h', "help", NULL, take_help, "print this help"},
	{'V', "version", NULL, take_version, "print the version"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *row_find(int letter)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].letter == letter)
			return &rows[i];
	}
	return NULL;
}

/* getopt leaves a short option that it does not know in optopt, and a long one in argv. */
static enum status unknown_report(char **argv)
{
	const struct row *row = row_find(optopt);

	if (row != NULL)
		return report_usage("--%s: takes no argument", row->name);
	if (optopt != 0)
		return report_usage("-%c: unknown option", optopt);
	return report_usage("%s: unknown option", argv[optind - 1]);
}

static enum status options_take(struct options *options, int argc, char **argv)
{
	/* The colon tells a missing argument from an unknown option. */
	char letters[1 + 2 * ROWS + 1] = ":";
	struct option names[ROWS + 1] = {0};
	size_t end = 1;

	for (size_t i = 0; i < ROWS; i++) {
		letters[end++] = rows[i].letter;
		if (rows[i].argument != NULL)
			letters[end++] = ':';
		names[i] = (struct option){.name = rows[i].name,
			.has_arg = rows[i].argument != NULL ? required_argument : no_argument,
			.val = rows[i].letter};
	}

	while (options->task == TASK_ECHO) {
		int letter = getopt_long(argc, argv, letters, names, NULL);
		const struct row *row = row_find(letter);
		enum status status;

		if (letter == -1)
			break;
		if (letter == ':')
			return report_usage("%s: needs an argument", argv[optind - 1]);
		if (row == NULL)
			return unknown_report(argv);
		status = row->take(options, optarg);
		if (status != STATUS_DONE)
			return status;
	}
	return STATUS_DONE;
}

/* Numbers are read here, since getaddrinfo of glibc takes 65543 for 7. */
static enum status take_port(struct options *options, const char *argument)
{
	const struct servent *service;
	unsigned long number;

	if (*argument != '\0' && strspn(argument, DIGITS) == strlen(argument)) {
		number = strtoul(argument, NULL, 10);
		if (number >= 1 && number <= UINT16_MAX) {
			options->port = (uint16_t)number;
			return STATUS_DONE;
		}
	} else {
		service = getservbyname(argument, "udp");
		if (service != NULL) {
			options->port = ntohs((uint16_t)service->s_port);
			return STATUS_DONE;
		}
	}
	return report_usage("port %s: not a number, 1 to 65535, nor a UDP service", argument);
}

enum status options_parse(struct options *options, int argc, char **argv)
{
	enum status status;

	*options = (struct options){.task = TASK_ECHO,
		.port = PORT_DEFAULT,
		.timeout_nanoseconds = TIMEOUT_DEFAULT * NANOSECONDS_PER_SECOND};

	status = options_take(options, argc, argv);
	if (status != STATUS_DONE || options->task != TASK_ECHO)
		return status;

	argv += optind;
	if (argv[0] == NULL || *argv[0] == '\0')
		return report_usage("HOST: missing");
	options->host = argv[0];
	if (argv[1] == NULL)
		return STATUS_DONE;
	if (argv[2] != NULL)
		return report_usage("%s: one argument too many", argv[2]);
	return take_port(options, argv[1]);
}

enum status options_help(void)
{
	enum status status = report_result(
		"Usage: udpecho [OPTION...] HOST [PORT]\n"
		"Send standard input as one UDP datagram to HOST, wait for its echo and check it.\n"
		"PORT is a number or the name of a service (default 7).\n\n");

	for (size_t i = 0; i < ROWS && status == STATUS_DONE; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "%s%s%s", rows[i].name,
			rows[i].argument != NULL ? "=" : "",
			rows[i].argument != NULL ? rows[i].argument : "");
		status = report_result("  -%c, --%-20s%s\n", rows[i].letter, name, rows[i].help);
	}
	if (status != STATUS_DONE)
		return status;
	return report_result("\nExit status: 0 the echo came back as sent; 1 it did not; "
			     "2 wrong usage.\nExample: echo hello | udpecho 192.0.2.7\n");
}
