/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

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
#include "plot.h"
#include "probe.h"
#include "values.h"

#define PORT_DEFAULT 7 /* RFC 862 */
#define RATE_MAX     1e8
#define COUNT_MAX    UINT64_C(1000000000000)

/* Where nothing else is said. */
#define PIPE_TIMEOUT (15 * NANOSECONDS_PER_SECOND)
#define TIMEOUT      (1 * NANOSECONDS_PER_SECOND)
#define DURATION     (10 * NANOSECONDS_PER_SECOND)
#define SIZE         64
#define WINDOW       32

static enum status take_timeout(struct options *options, const char *argument)
{
	static const struct suffix seconds[] = {{"", 1}, {NULL, 0}};
	double value;

	if (!number_read(argument, seconds, &value) || value < 0.001 || value > 86400)
		return report_usage(
			"--timeout=%s: not a number of seconds, 0.001 to 86400", argument);
	options->timeout = (int64_t)(value * (double)NANOSECONDS_PER_SECOND);
	return STATUS_DONE;
}

/* One task only: NAME is the option that asks for it. */
static enum status take_task(struct options *options, enum task task, const char *name)
{
	if (options->task_option != NULL && options->task != task)
		return report_usage("--%s: not together with --%s", name, options->task_option);
	options->task = task;
	options->task_option = name;
	return STATUS_DONE;
}

static enum status take_interval(struct options *options, const char *argument)
{
	const enum status status = time_take("interval", argument, 0.001, &options->interval);

	return status == STATUS_DONE ? take_task(options, TASK_PING, "interval") : status;
}

static enum status take_duration(struct options *options, const char *argument)
{
	return time_take("duration", argument, 0.001, &options->duration);
}

static enum status take_max_p99(struct options *options, const char *argument)
{
	return time_take("max-p99", argument, 1e-6, &options->max_p99);
}

static enum status take_count(struct options *options, const char *argument)
{
	double value;

	if (!whole_read(argument, 1, (double)COUNT_MAX, &value))
		return report_usage("--count=%s: not a number of datagrams", argument);
	options->count = (uint64_t)value;
	return STATUS_DONE;
}

static enum status take_rate(struct options *options, const char *argument)
{
	if (!number_read(argument, amounts, &options->rate) || options->rate < 0.01 ||
		options->rate > RATE_MAX)
		return report_usage("--rate=%s: not a number of datagrams a second, such as 1000, "
				    "20k or 1.5M",
			argument);
	return take_task(options, TASK_LOAD, "rate");
}

static enum status take_window(struct options *options, const char *argument)
{
	const enum status status = number_take("window", argument, 1, 65536, &options->window);

	return status == STATUS_DONE ? take_task(options, TASK_WINDOW, "window") : status;
}

static enum status take_flows(struct options *options, const char *argument)
{
	return number_take("flows", argument, 1, FLOWS_MAX, &options->flows);
}

static enum status take_threads(struct options *options, const char *argument)
{
	return number_take("threads", argument, 1, 64, &options->threads);
}

static enum status take_size(struct options *options, const char *argument)
{
	char least[32];
	const char *dash = strchr(argument, '-');
	double low, high;

	(void)snprintf(least, sizeof(least), "%.*s",
		(int)(dash != NULL ? dash - argument : (ptrdiff_t)strlen(argument)), argument);
	if (!whole_read(least, PROBE_SIZE_MIN, PROBE_SIZE_MAX, &low) ||
		!whole_read(dash != NULL ? dash + 1 : least, low, PROBE_SIZE_MAX, &high))
		return report_usage("--size=%s: not bytes of payload, %d to %d, or a range of them",
			argument, PROBE_SIZE_MIN, PROBE_SIZE_MAX);
	options->size_least = (unsigned int)low;
	options->size_most = (unsigned int)high;
	return STATUS_DONE;
}

static enum status take_ping(struct options *options, const char *argument)
{
	(void)argument;
	return take_task(options, TASK_PING, "ping");
}

static enum status take_mtu(struct options *options, const char *argument)
{
	(void)argument;
	return take_task(options, TASK_MTU, "mtu");
}

static enum status take_max_loss(struct options *options, const char *argument)
{
	static const struct suffix percents[] = {{"", 1}, {"%", 1}, {NULL, 0}};

	if (!number_read(argument, percents, &options->max_loss) || options->max_loss > 100)
		return report_usage("--max-loss=%s: not a percentage", argument);
	return STATUS_DONE;
}

static enum status take_dscp(struct options *options, const char *argument)
{
	unsigned int number = 0;
	const enum status status = number_take("dscp", argument, 0, 63, &number);

	options->socket.dscp = (int)number;
	return status;
}

static enum status take_ttl(struct options *options, const char *argument)
{
	unsigned int number = 0;
	const enum status status = number_take("ttl", argument, 1, 255, &number);

	options->socket.ttl = (int)number;
	return status;
}

static enum status take_df(struct options *options, const char *argument)
{
	(void)argument;
	options->socket.dont_fragment = true;
	return STATUS_DONE;
}

static enum status take_ipv4(struct options *options, const char *argument)
{
	(void)argument;
	options->socket.family = AF_INET;
	return STATUS_DONE;
}

static enum status take_ipv6(struct options *options, const char *argument)
{
	(void)argument;
	options->socket.family = AF_INET6;
	return STATUS_DONE;
}

static enum status take_source(struct options *options, const char *argument)
{
	options->socket.source = argument;
	return STATUS_DONE;
}

static enum status take_interface(struct options *options, const char *argument)
{
	options->socket.interface = argument;
	return STATUS_DONE;
}

static enum status take_kernel_times(struct options *options, const char *argument)
{
	(void)argument;
	options->kernel_times = true;
	return STATUS_DONE;
}

static enum status take_json(struct options *options, const char *argument)
{
	(void)argument;
	options->json = true;
	return STATUS_DONE;
}

static enum status take_csv(struct options *options, const char *argument)
{
	options->csv = argument;
	return STATUS_DONE;
}

static enum status take_plot(struct options *options, const char *argument)
{
	if (!plot_has_format(argument))
		return report_usage("--plot=%s: not a name that ends with .svg or .png", argument);
	options->plot = argument;
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

/* One row per option: getopt's tables and the help are made of it. From 256 on: no letter. */
static const struct row {
	int code;
	const char *name;
	const char *argument; /* NULL when it takes none */
	enum status (*take)(struct options *options, const char *argument);
	const char *help;
} rows[] = {
	{'w', "timeout", "SECONDS", take_timeout,
		"how long to wait for a reply (15; with the options below 1)"},
	{'P', "ping", NULL, take_ping, "a line for each reply (default on a terminal)"},
	{'i', "interval", "TIME", take_interval, "between two datagrams of a ping (1s)"},
	{'r', "rate", "N", take_rate, "so many a second, whatever comes back: 1000, 20k, 1.5M"},
	{'W', "window", "N", take_window, "so many of each flow on their way, and no more"},
	{'m', "mtu", NULL, take_mtu, "find the largest datagram that echoes in one piece"},
	{'c', "count", "N", take_count, "datagrams to each host (no limit)"},
	{'d', "duration", "TIME", take_duration, "for how long (10s; a ping: no limit)"},
	{'s', "size", "N[-M]", take_size, "bytes of payload, or a range of sizes (64)"},
	{'f', "flows", "N", take_flows, "source ports for each host (1)"},
	{256, "threads", "N", take_threads, "threads that send and receive (1)"},
	{'k', "kernel-times", NULL, take_kernel_times,
		"the network's own time, by the kernel's clock (a ping: always)"},
	{'j', "json", NULL, take_json, "the results as JSON"},
	{257, "csv", "FILE", take_csv, "a line for each datagram"},
	{258, "plot", "FILE", take_plot, "draw latencies: FILE.svg or FILE.png"},
	{259, "max-loss", "PERCENT", take_max_loss, "status 1 if more is lost"},
	{260, "max-p99", "TIME", take_max_p99, "status 1 if the 99th percentile is greater"},
	{261, "dscp", "N", take_dscp, "mark datagrams, 0 to 63"},
	{262, "ttl", "N", take_ttl, "hops that they may take, 1 to 255"},
	{263, "df", NULL, take_df, "do not fragment them"},
	{'S', "source", "ADDRESS", take_source, "send from this address"},
	{'I', "interface", "NAME", take_interface, "send through this interface"},
	{'4', "ipv4", NULL, take_ipv4, "IPv4 only"},
	{'6', "ipv6", NULL, take_ipv6, "IPv6 only"},
	{'h', "help", NULL, take_help, "print this help"},
	{'V', "version", NULL, take_version, "print the version"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool has_letter(const struct row *row)
{
	return row->code < 256;
}

static const struct row *row_find(int code)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].code == code)
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
		if (has_letter(&rows[i])) {
			letters[end++] = (char)rows[i].code;
			if (rows[i].argument != NULL)
				letters[end++] = ':';
		}
		names[i] = (struct option){.name = rows[i].name,
			.has_arg = rows[i].argument != NULL ? required_argument : no_argument,
			.val = rows[i].code};
	}

	while (options->task != TASK_HELP && options->task != TASK_VERSION) {
		int code = getopt_long(argc, argv, letters, names, NULL);
		const struct row *row = row_find(code);
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

/* Takes "a,b,c" apart, in place. */
static enum status take_hosts(struct options *options, char *argument)
{
	char *host;

	while ((host = strsep(&argument, ",")) != NULL) {
		if (*host == '\0')
			return report_usage("HOST: missing");
		if (options->host_count == HOSTS_MAX)
			return report_usage("HOST: more than %d", HOSTS_MAX);
		options->hosts[options->host_count++] = host;
	}
	return STATUS_DONE;
}

/* Whether anything was asked for that only makes sense where datagrams of our own are sent. */
static bool measures(const struct options *options)
{
	return options->count != 0 || options->duration != 0 || options->size_most != 0 ||
	       options->flows > 1 || options->threads > 1 || options->kernel_times ||
	       options->json || options->csv != NULL || options->plot != NULL ||
	       options->max_loss >= 0 || options->max_p99 != 0;
}

/* What was not said, as it suits the task. */
static void fill_in(struct options *options)
{
	if (options->task_option == NULL && (measures(options) || isatty(STDIN_FILENO) == 1))
		options->task = TASK_PING;
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
		return report_usage("HOST: one, where standard input is sent");
	if (options->flows * options->host_count > FLOWS_MAX)
		return report_usage("--flows=%u: more than %d of all hosts together",
			options->flows, FLOWS_MAX);
	if (options->task == TASK_PING && options->threads > 1)
		return report_usage("--threads=%u: one is enough for a ping", options->threads);
	return STATUS_DONE;
}

enum status options_parse(struct options *options, int argc, char **argv)
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
			"--mtu: a search, which does not go with options of the others");
	fill_in(options);
	return check(options);
}

enum status options_help(void)
{
	enum status status = report_result(
		"Usage: udpecho [OPTION...] HOST[,HOST...] [PORT]\n"
		"Send datagrams to an echo server, and check and measure what comes back.\n"
		"Without options, and where standard input is no terminal: send it as one "
		"datagram.\n"
		"PORT is a number or the name of a service (default 7).\n\n");

	for (size_t i = 0; i < ROWS && status == STATUS_DONE; i++) {
		char letter[8] = "    ", name[32];

		if (has_letter(&rows[i]))
			(void)snprintf(letter, sizeof(letter), "-%c, ", rows[i].code);
		(void)snprintf(name, sizeof(name), "%s%s%s", rows[i].name,
			rows[i].argument != NULL ? "=" : "",
			rows[i].argument != NULL ? rows[i].argument : "");
		status = report_result("  %s--%-20s%s\n", letter, name, rows[i].help);
	}
	if (status != STATUS_DONE)
		return status;
	return report_result("\nExit status: 0 what came back is what was sent; 1 it is not, or a "
			     "gate was passed;\n2 wrong usage.\n"
			     "Examples: echo hello | udpecho 192.0.2.7\n"
			     "          udpecho --rate=20k --flows=16 --json 192.0.2.7\n");
}
