/* SPDX-License-Identifier: BSD-3-Clause */
#include "options_table.h"

#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "deadline.h"
#include "plot.h"
#include "probe.h"
#include "values.h"

#define RATE_MAX  1e8
#define COUNT_MAX UINT64_C(1000000000000)

static enum status take_timeout(struct options *options, const char *argument)
{
	return time_take("timeout", argument, 0.001, &options->timeout);
}

/* Sets the task, of which there is one only. NAME is the option that asks for it. */
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
		return report_usage("--count=%s: not a whole number from 1 to 1000000M", argument);
	options->count = (uint64_t)value;
	return STATUS_DONE;
}

static enum status take_rate(struct options *options, const char *argument)
{
	if (!number_read(argument, amounts, &options->rate) || options->rate < 0.01 ||
		options->rate > RATE_MAX)
		return report_usage("--rate=%s: not a number from 0.01 to 100M, such as 1000, 20k "
				    "or 1.5M",
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
		return report_usage(
			"--size=%s: not a size from %d to %d bytes, or a range of sizes", argument,
			PROBE_SIZE_MIN, PROBE_SIZE_MAX);
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
		return report_usage("--max-loss=%s: not a percentage from 0 to 100", argument);
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
	const struct addrinfo wanted = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *address;

	if (getaddrinfo(argument, NULL, &wanted, &address) != 0)
		return report_usage("--source=%s: not an IP address", argument);
	memcpy(&options->socket.source_address, address->ai_addr, address->ai_addrlen);
	freeaddrinfo(address);
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
		return report_usage("--plot=%s: the name has to end in .svg or .png", argument);
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

const struct option_row option_rows[] = {
	{'w', "timeout", "TIME", take_timeout,
		"how long to wait for a reply (15s for standard input, else 1s)"},
	{'P', "ping", NULL, take_ping, "print a line for each reply (default on a terminal)"},
	{'i', "interval", "TIME", take_interval, "time between two datagrams of a ping (1s)"},
	{'r', "rate", "N", take_rate, "send N a second, whatever comes back: 1000, 20k, 1.5M"},
	{'W', "window", "N", take_window, "keep N datagrams of each flow in flight"},
	{'m', "mtu", NULL, take_mtu, "find the largest datagram that echoes in one piece"},
	{'c', "count", "N", take_count, "send N datagrams to each host (no limit)"},
	{'d', "duration", "TIME", take_duration,
		"how long to send (10s; no limit with --ping, or on a terminal)"},
	{'s', "size", "N[-M]", take_size, "bytes of payload, or a range of sizes (64)"},
	{'f', "flows", "N", take_flows, "source ports to send from, for each host (1)"},
	{256, "threads", "N", take_threads, "threads that send and receive (1)"},
	{'k', "kernel-times", NULL, take_kernel_times,
		"also measure by the kernel's clock (a ping always does)"},
	{'j', "json", NULL, take_json, "print the results as JSON"},
	{257, "csv", "FILE", take_csv, "write a line for each datagram"},
	{258, "plot", "FILE", take_plot, "draw latencies, to FILE.svg or FILE.png"},
	{259, "max-loss", "PERCENT", take_max_loss, "exit with 1 if more is lost"},
	{260, "max-p99", "TIME", take_max_p99, "exit with 1 if the 99th percentile is greater"},
	{261, "dscp", "N", take_dscp, "mark datagrams with this DSCP, 0 to 63"},
	{262, "ttl", "N", take_ttl, "hops that datagrams may take, 1 to 255"},
	{263, "df", NULL, take_df, "do not fragment datagrams"},
	{'S', "source", "ADDRESS", take_source, "send from this address"},
	{'I', "interface", "NAME", take_interface, "send through this interface"},
	{'4', "ipv4", NULL, take_ipv4, "IPv4 only"},
	{'6', "ipv6", NULL, take_ipv6, "IPv6 only"},
	{'h', "help", NULL, take_help, "print this help"},
	{'V', "version", NULL, take_version, "print the version"},
};
