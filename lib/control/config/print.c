/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the effective configuration in the form of the configuration file: --check. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include <udpecho/control/config.h>
#include <udpecho/control/log.h>

#include "format.h"

/* A value of the file has a limit: a longer list continues in another line. */
#define VALUE_LENGTH     240
#define ADDRESSES_A_LINE 8

/* Writes the numbers for which HAS is true as lists of ranges, with the KEY before each. */
static void print_ranges(FILE *stream, const char *key, const void *set, unsigned int limit,
	bool (*has)(const void *set, unsigned int number))
{
	int length = 0;

	for (unsigned int first = 0; first < limit; first++) {
		unsigned int last = first;

		if (!has(set, first))
			continue;
		while (last + 1 < limit && has(set, last + 1))
			last++;
		if (length > VALUE_LENGTH) {
			fputc('\n', stream);
			length = 0;
		}
		if (length == 0)
			fprintf(stream, "%s = ", key);
		length += fprintf(stream, "%s%u", length > 0 ? "," : "", first);
		if (last > first)
			length += fprintf(stream, "-%u", last);
		first = last;
	}
	if (length > 0)
		fputc('\n', stream);
}

/*
 * Escapes each # that would be read otherwise: the first, which begins a comment, and those after a
 * backslash. It escapes no other, so that a value of the longest length stays within that length.
 * Control characters stay, for a file, but do not reach a terminal, which would obey them.
 */
static void print_text(FILE *stream, const char *key, const char *text)
{
	const char *first = strchr(text, '#');

	const bool is_terminal = isatty(fileno(stream));

	fprintf(stream, "%s = ", key);
	for (const char *c = text; *c != '\0'; c++)
		if (*c == '\n' || (is_terminal && iscntrl((unsigned char)*c)))
			fputc('?', stream);
		else
			fprintf(stream, *c == '#' && (c == first || c[-1] == '\\') ? "\\%c" : "%c",
				*c);
	fputc('\n', stream);
}

static bool has_port(const void *set, unsigned int number)
{
	return port_set_has(set, BE16(number));
}

static bool has_core(const void *set, unsigned int number)
{
	return CPU_ISSET(number, (const cpu_set_t *)set);
}

static void print_rate(FILE *stream, const char *key, const struct rate *rate)
{
	if (rate->per_second > 0)
		fprintf(stream, "%s = %lu:%lu\n", key, rate->per_second, rate->burst);
}

static const char *const partial_names[] = {
	[PARTIAL_AUTO] = "auto",
	[PARTIAL_OFF] = "off",
	[PARTIAL_ON] = "on",
};

/* Defines the function that prints a row of settings.def: see config_print_setting(). */
#define PRINTER(identifier)                                                                 \
	static void print_##identifier(const struct config *config __attribute__((unused)), \
		const struct config_device *device __attribute__((unused)), FILE *stream)

PRINTER(device)
{
	print_text(stream, "device", device->text);
}

PRINTER(address)
{
	for (unsigned int i = 0; i < device->address_count; i++)
		fprintf(stream, "%s%s/%u",
			i % ADDRESSES_A_LINE > 0 ? ","
			: i > 0                  ? "\naddress = "
						 : "address = ",
			format_address(device->addresses[i].address).text,
			device->addresses[i].length);
	if (device->address_count > 0)
		fputc('\n', stream);
}

PRINTER(mac)
{
	if (device->has_mac)
		fprintf(stream, "mac = %s\n", format_mac(&device->mac).text);
}

PRINTER(served_ports)
{
	if (port_set_is_any(&config->ports))
		fputs("udp-port = any\n", stream);
	else
		print_ranges(stream, "udp-port", &config->ports, 65536, has_port);
}

PRINTER(mtu)
{
	if (device->mtu != 0)
		fprintf(stream, "mtu = %u\n", device->mtu);
}

PRINTER(ttl)
{
	fprintf(stream, "ttl = %u\n", config->ttl);
}

PRINTER(acl)
{
	if (config->acl_path != NULL)
		print_text(stream, "acl", config->acl_path);
}

PRINTER(blocked_ports)
{
	print_ranges(stream, "block-source-port", &config->blocked, 65536, has_port);
}

PRINTER(rate_limit)
{
	print_rate(stream, "rate-limit", &config->limits.echo);
}

PRINTER(rate_limit_prefix)
{
	fprintf(stream, "rate-limit-prefix = %u\n", config->limits.prefix_length);
}

PRINTER(rate_limit_prefix6)
{
	fprintf(stream, "rate-limit-prefix6 = %u\n", config->limits.prefix6_length);
}

PRINTER(icmp_arp_rate_limit)
{
	print_rate(stream, "icmp-arp-rate-limit", &config->limits.icmp_arp);
}

PRINTER(unreachable)
{
	print_rate(stream, "icmp-unreachable", &config->limits.unreachable);
}

PRINTER(partial_checksums)
{
	fprintf(stream, "partial-checksums = %s\n", partial_names[config->partial_checksums]);
}

PRINTER(variant)
{
	fprintf(stream, "variant = %s\n", config->variant != NULL ? config->variant->name : "auto");
}

PRINTER(cores)
{
	if (config->has_cores)
		print_ranges(stream, "cores", &config->cores, CPU_SETSIZE, has_core);
}

PRINTER(queues)
{
	if (device->queues != 0)
		fprintf(stream, "queues = %u\n", device->queues);
}

PRINTER(idle)
{
	fprintf(stream, "idle = %s\n", config->has_idle ? idle_names[config->idle] : "auto");
}

PRINTER(no_probe)
{
	fprintf(stream, "no-probe = %s\n", config->no_probe ? "on" : "off");
}

PRINTER(log_level)
{
	if (config->log_level != 0)
		fprintf(stream, "log-level = %s\n", log_level_name(config->log_level));
}

PRINTER(http)
{
	if (config->http.port != 0)
		fprintf(stream, "http = %s\n",
			format_endpoint(config->http.address, config->http.port).text);
}

PRINTER(report)
{
	fprintf(stream, "report = %s\n", config->report == REPORT_JSON ? "json" : "text");
}

PRINTER(explain)
{
	fprintf(stream, "explain = %s\n", config->explain ? "on" : "off");
}

PRINTER(eal_argument)
{
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		print_text(stream, "eal-argument", config->eal_arguments[i]);
}

void config_print_setting(const struct config *config, const struct config_device *device,
	unsigned int index, FILE *stream)
{
	static void (*const printers[])(
		const struct config *config, const struct config_device *device, FILE *stream) = {
#define KEY(identifier, ...)     print_##identifier,
#define SETTING(identifier, ...) print_##identifier,
#include <udpecho/control/settings.def>
#undef SETTING
#undef KEY
	};

	printers[index](config, device, stream);
}

static void print_all(const struct config *config, const struct config_device *device,
	enum setting_scope scope, FILE *stream)
{
	unsigned int count;
	const struct setting *rows = settings(&count);

	for (unsigned int i = 0; i < count; i++)
		if (rows[i].scope == scope)
			config_print_setting(config, device, i, stream);
}

void config_print(const struct config *config, FILE *stream)
{
	fputs("[udpechod]\n", stream);
	print_all(config, NULL, SETTING_OF_APPLIANCE, stream);
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];

		if (device->section != NULL)
			fprintf(stream, "\n[%s]\n", device->section);
		else
			fprintf(stream, "\n[device %u]\n", i);
		print_all(config, device, SETTING_OF_DEVICE, stream);
	}
}
