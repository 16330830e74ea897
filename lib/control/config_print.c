/* SPDX-License-Identifier: BSD-3-Clause */
/* --check: the effective configuration, in the form of the configuration file. */
#include <udpecho/config.h>

#include "format.h"

/* Writes the numbers for which HAS is true as a list of ranges. */
static void print_ranges(FILE *stream, const void *set, unsigned int limit,
	bool (*has)(const void *set, unsigned int number))
{
	const char *separator = "";

	for (unsigned int first = 0; first < limit; first++) {
		unsigned int last = first;

		if (!has(set, first))
			continue;
		while (last + 1 < limit && has(set, last + 1))
			last++;
		fprintf(stream, last > first ? "%s%u-%u" : "%s%u", separator, first, last);
		separator = ",";
		first = last;
	}
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

static bool has_any_port(const struct port_set *ports)
{
	for (unsigned int port = 1; port <= UINT16_MAX; port++)
		if (has_port(ports, port))
			return true;
	return false;
}

static void print_policy(const struct config *config, FILE *stream)
{
	if (has_any_port(&config->blocked)) {
		fputs("block-source-port = ", stream);
		print_ranges(stream, &config->blocked, 65536, has_port);
		fputc('\n', stream);
	}
	if (config->acl_path != NULL)
		fprintf(stream, "acl = %s\n", config->acl_path);
	print_rate(stream, "rate-limit", &config->limits.echo);
	fprintf(stream, "rate-limit-prefix = %u\n", config->limits.prefix_length);
	print_rate(stream, "icmp-arp-rate-limit", &config->limits.icmp_arp);
	print_rate(stream, "icmp-unreachable", &config->limits.unreachable);
	fprintf(stream, "partial-checksums = %s\n", config->partial_checksums ? "on" : "off");
	fprintf(stream, "variant = %s\n", config->variant != NULL ? config->variant->name : "auto");
}

static void print_device(const struct config_device *device, unsigned int index, FILE *stream)
{
	fprintf(stream, "\n[device %u]\ndevice = %s\naddress = ", index, device->text);
	for (unsigned int i = 0; i < device->address_count; i++)
		fprintf(stream, "%s%s/%u", i > 0 ? "," : "",
			format_address(device->addresses[i].address).text,
			device->addresses[i].prefix_length);
	fputc('\n', stream);
	if (device->has_mac)
		fprintf(stream, "mac = %s\n", format_mac(&device->mac).text);
	if (device->mtu != 0)
		fprintf(stream, "mtu = %u\n", device->mtu);
}

void config_print(const struct config *config, FILE *stream)
{
	fputs("[udpechod]\nudp-port = ", stream);
	if (port_set_is_any(&config->ports))
		fputs("any", stream);
	else
		print_ranges(stream, &config->ports, 65536, has_port);
	if (config->has_cores) {
		fputs("\ncores = ", stream);
		print_ranges(stream, &config->cores, CPU_SETSIZE, has_core);
	}
	fputc('\n', stream);
	print_policy(config, stream);
	fprintf(stream, "report = %s\n", config->report == REPORT_JSON ? "json" : "text");
	for (unsigned int i = 0; i < config->device_count; i++)
		print_device(&config->devices[i], i, stream);
}
