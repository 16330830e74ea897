/* SPDX-License-Identifier: BSD-3-Clause */
/* --check: the effective configuration, in the form of the configuration file. */
#include <string.h>

#include <udpecho/config.h>
#include <udpecho/log.h>

#include "format.h"

/* The file's lines have an end: longer lists go on in another. */
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
 * In a file, the first # begins a comment unless it is escaped; of the others rte_cfgfile takes
 * what is escaped for that. No more than this, or what had room in a file has none in another.
 */
static void print_text(FILE *stream, const char *key, const char *text)
{
	const char *first = strchr(text, '#');

	fprintf(stream, "%s = ", key);
	for (const char *c = text; *c != '\0'; c++)
		fprintf(stream, *c == '#' && (c == first || c[-1] == '\\') ? "\\%c" : "%c", *c);
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

static void print_policy(const struct config *config, FILE *stream)
{
	if (port_set_is_any(&config->ports))
		fputs("udp-port = any\n", stream);
	else
		print_ranges(stream, "udp-port", &config->ports, 65536, has_port);
	fprintf(stream, "ttl = %u\n", config->ttl);
	print_ranges(stream, "block-source-port", &config->blocked, 65536, has_port);
	if (config->acl_path != NULL)
		print_text(stream, "acl", config->acl_path);
	print_rate(stream, "rate-limit", &config->limits.echo);
	fprintf(stream, "rate-limit-prefix = %u\n", config->limits.prefix_length);
	print_rate(stream, "icmp-arp-rate-limit", &config->limits.icmp_arp);
	print_rate(stream, "icmp-unreachable", &config->limits.unreachable);
	fprintf(stream, "partial-checksums = %s\n", partial_names[config->partial_checksums]);
}

static void print_running(const struct config *config, FILE *stream)
{
	if (config->has_cores)
		print_ranges(stream, "cores", &config->cores, CPU_SETSIZE, has_core);
	fprintf(stream, "variant = %s\n", config->variant != NULL ? config->variant->name : "auto");
	fprintf(stream, "idle = %s\n", config->has_idle ? idle_names[config->idle] : "auto");
	if (config->log_level != 0)
		fprintf(stream, "log-level = %s\n", log_level_name(config->log_level));
	if (config->http.port != 0)
		fprintf(stream, "http = %s:%u\n", format_address(config->http.address).text,
			config->http.port);
	fprintf(stream, "report = %s\n", config->report == REPORT_JSON ? "json" : "text");
	fprintf(stream, "explain = %s\n", config->explain ? "on" : "off");
	fprintf(stream, "no-probe = %s\n", config->no_probe ? "on" : "off");
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		print_text(stream, "eal-argument", config->eal_arguments[i]);
}

static void print_device(const struct config_device *device, unsigned int index, FILE *stream)
{
	if (device->section != NULL)
		fprintf(stream, "\n[%s]\n", device->section);
	else
		fprintf(stream, "\n[device %u]\n", index);
	print_text(stream, "device", device->text);
	for (unsigned int i = 0; i < device->address_count; i++)
		fprintf(stream, "%s%s/%u",
			i % ADDRESSES_A_LINE > 0 ? ","
			: i > 0                  ? "\naddress = "
						 : "address = ",
			format_address(device->addresses[i].address).text,
			device->addresses[i].prefix_length);
	if (device->address_count > 0)
		fputc('\n', stream);
	if (device->has_mac)
		fprintf(stream, "mac = %s\n", format_mac(&device->mac).text);
	if (device->mtu != 0)
		fprintf(stream, "mtu = %u\n", device->mtu);
	if (device->queues != 0)
		fprintf(stream, "queues = %u\n", device->queues);
}

void config_print(const struct config *config, FILE *stream)
{
	fputs("[udpechod]\n", stream);
	print_policy(config, stream);
	print_running(config, stream);
	for (unsigned int i = 0; i < config->device_count; i++)
		print_device(&config->devices[i], i, stream);
}
