/* SPDX-License-Identifier: BSD-3-Clause */
#include "command_line.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "options_table.h"
#include "values.h"

#define PORT_DEFAULT 7 /* RFC 862 */

/* Defaults. */
#define PIPE_TIMEOUT (15 * NANOSECONDS_PER_SECOND)
#define TIMEOUT      (1 * NANOSECONDS_PER_SECOND)
#define DURATION     (10 * NANOSECONDS_PER_SECOND)
#define SIZE         64
#define WINDOW       32

static bool has_letter(const struct option_row *row)
{
	return row->code < 256;
}

static const struct option_row *row_find(int code)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		if (option_rows[i].code == code)
			return &option_rows[i];
	}
	return NULL;
}

/* The options that begin as ARGUMENT does: "--mtu, --max-loss". getopt does not list them. */
static void candidates_list(const char *argument, char *list, size_t size)
{
	size_t end = 0;

	list[0] = '\0';
	for (int i = 0; i < OPTION_COUNT && end < size; i++) {
		const char *name = option_rows[i].name;

		if (strncmp(name, argument + 2, strcspn(argument + 2, "=")) == 0)
			end += (size_t)snprintf(
				list + end, size - end, "%s--%s", end > 0 ? ", " : "", name);
	}
}

/* getopt leaves an unknown short option in optopt, and an unknown long one in argv. */
static enum status unknown_report(char **argv)
{
	const struct option_row *row = row_find(optopt);
	char candidates[512];

	if (row != NULL)
		return report_usage("--%s: takes no argument", row->name);
	if (optopt != 0)
		return report_usage("-%c: unknown option", optopt);
	candidates_list(argv[optind - 1], candidates, sizeof(candidates));
	if (candidates[0] != '\0')
		return report_usage("%s: ambiguous: %s", argv[optind - 1], candidates);
	return report_usage("%s: unknown option", argv[optind - 1]);
}

static enum status options_take(struct options *options, int argc, char **argv)
{
	/* With the colon, getopt tells a missing argument from an unknown option. */
	char letters[1 + 2 * OPTION_COUNT + 1] = ":";
	struct option names[OPTION_COUNT + 1] = {0};
	size_t end = 1;

	for (int i = 0; i < OPTION_COUNT; i++) {
		if (has_letter(&option_rows[i])) {
			letters[end++] = (char)option_rows[i].code;
			if (option_rows[i].argument != NULL)
				letters[end++] = ':';
		}
		names[i] = (struct option){.name = option_rows[i].name,
			.has_arg =
				option_rows[i].argument != NULL ? required_argument : no_argument,
			.val = option_rows[i].code};
	}

	while (options->task != TASK_HELP && options->task != TASK_VERSION) {
		int code = getopt_long(argc, argv, letters, names, NULL);
		const struct option_row *row = row_find(code);
		enum status status;

		if (code == -1)
			break;
		if (code == ':')
			return report_usage("%s: needs an argument", argv[optind - 1]);
		if (row == NULL)
			return unknown_report(argv);
		status = row->take(options, optarg);
		if (status != STATUS_DONE)
			return status;
	}
	return STATUS_DONE;
}

/* Numbers are read here, as glibc's getaddrinfo() takes 65543 for 7. */
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
	return report_usage(
		"port %s: neither a number from 1 to 65535 nor a UDP service", argument);
}

/* Splits "a,b,c", in place. */
static enum status take_hosts(struct options *options, char *argument)
{
	char *host;

	while ((host = strsep(&argument, ",")) != NULL) {
		if (*host == '\0')
			return report_usage("HOST: missing");
		if (*host == '[')
			return report_usage("HOST %s: write an IPv6 address without brackets, "
					    "and the port as the next argument",
				host);
		/* An IPv6 address has at least two colons. */
		if (strchr(host, ':') != NULL && strchr(host, ':') == strrchr(host, ':'))
			return report_usage("HOST %s: write the port as the next argument", host);
		if (options->host_count == HOSTS_MAX)
			return report_usage("HOST: more than %d hosts", HOSTS_MAX);
		options->hosts[options->host_count++] = host;
	}
	return STATUS_DONE;
}

/* Whether an option makes sense only for a ping, a load or a window. */
static bool measures(const struct options *options)
{
	return options->count != 0 || options->duration != 0 || options->size_most != 0 ||
	       options->flows > 1 || options->threads > 1 || options->kernel_times ||
	       (options->json && options->task != TASK_MTU) || options->csv != NULL ||
	       options->plot != NULL || options->max_loss >= 0 || options->max_p99 != 0;
}

/* The task, if no option asks for one. Only on a terminal, where one can stop it, a ping has no
 * end. */
static void task_infer(struct options *options)
{
	const bool is_typed = isatty(STDIN_FILENO) == 1;
	const bool is_watched = is_typed && isatty(STDOUT_FILENO) == 1;

	if (!measures(options) && !is_typed)
		return;
	options->task = TASK_PING;
	if (options->count == 0 && options->duration == 0 && !is_watched)
		options->duration = DURATION;
}

/* The defaults that depend on the task. */
static void fill_in(struct options *options)
{
	if (options->task_option == NULL)
		task_infer(options);
	if (options->size_most == 0)
		options->size_least = options->size_most = SIZE;
	if (options->threads > options->flows * options->host_count)
		options->threads = options->flows * options->host_count;
	if (options->timeout == 0)
		options->timeout = options->task == TASK_PIPE ? PIPE_TIMEOUT : TIMEOUT;
	if (options->task == TASK_PING) {
		options->kernel_times = true;
		options->rate = (double)NANOSECONDS_PER_SECOND / (double)options->interval *
				options->host_count;
	} else if (options->count == 0 && options->duration == 0) {
		options->duration = DURATION;
	}
}

static enum status check(const struct options *options)
{
	if (options->task == TASK_PIPE && options->host_count > 1)
		return report_usage(
			"HOST: standard input goes to one host only; use --ping for several");
	if (options->flows * options->host_count > FLOWS_MAX)
		return report_usage("--flows=%u: more than %d flows to all hosts together",
			options->flows, FLOWS_MAX);
	if (options->csv != NULL && options->plot != NULL &&
		strcmp(options->csv, options->plot) == 0)
		return report_usage("--csv=%s: the same file as --plot", options->csv);
	if (options->csv != NULL && options->json && strcmp(options->csv, "-") == 0)
		return report_usage("--csv=-: --json has standard output; name a file");
	if (options->task == TASK_PING && options->threads > 1)
		return report_usage("--threads=%u: a ping takes one thread only", options->threads);
	return STATUS_DONE;
}

enum status command_line_parse(struct options *options, int argc, char **argv)
{
	enum status status;

	*options = (struct options){.task = TASK_PIPE,
		.port = PORT_DEFAULT,
		.interval = NANOSECONDS_PER_SECOND,
		.window = WINDOW,
		.flows = 1,
		.threads = 1,
		.socket = {.family = AF_UNSPEC, .dscp = -1, .ttl = -1},
		.max_loss = -1};

	status = options_take(options, argc, argv);
	if (status != STATUS_DONE || options->task == TASK_HELP || options->task == TASK_VERSION)
		return status;

	argv += optind;
	if (argv[0] == NULL)
		return report_usage("HOST: missing");
	status = take_hosts(options, argv[0]);
	if (status == STATUS_DONE && argv[1] != NULL && argv[2] != NULL)
		return report_usage("%s: one argument too many", argv[2]);
	if (status == STATUS_DONE && argv[1] != NULL)
		status = take_port(options, argv[1]);
	if (status != STATUS_DONE)
		return status;
	if (options->task == TASK_MTU && measures(options))
		return report_usage(
			"--mtu: not together with options that measure, such as --count");
	fill_in(options);
	return check(options);
}

enum status command_line_help(void)
{
	enum status status = report_result(
		"Usage: udpecho [OPTION...] HOST[,HOST...] [PORT]\n"
		"Send datagrams to an echo server, and check and measure what comes back.\n"
		"Without options, standard input is sent as one datagram, unless it is a "
		"terminal.\n"
		"PORT is a number or the name of a service (default 7).\n\n");

	for (int i = 0; i < OPTION_COUNT && status == STATUS_DONE; i++) {
		char letter[8] = "    ", name[32];

		if (has_letter(&option_rows[i]))
			(void)snprintf(letter, sizeof(letter), "-%c, ", option_rows[i].code);
		(void)snprintf(name, sizeof(name), "%s%s%s", option_rows[i].name,
			option_rows[i].argument != NULL ? "=" : "",
			option_rows[i].argument != NULL ? option_rows[i].argument : "");
		status = report_result("  %s--%-20s%s\n", letter, name, option_rows[i].help);
	}
	if (status != STATUS_DONE)
		return status;
	return report_result("\nExit status: 0 every reply was what was sent; 1 no reply, a wrong "
			     "reply, or a limit exceeded;\n2 wrong usage.\n"
			     "Examples: echo hello | udpecho 192.0.2.7\n"
			     "          udpecho --rate=20k --flows=16 --json 192.0.2.7\n");
}
