/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns the text of each setting into its part of the config. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <udpecho/control/config.h>
#include <udpecho/control/device.h>
#include <udpecho/control/log.h>

#include "config/acl_file.h"
#include "config/address.h"
#include "config/parse.h"

/* The device that -a and -m are about: that of the last -d, or of the first one to come. */
static struct config_device *current_device(struct config *config)
{
	return &config->devices[config->device_count > 0 ? config->device_count - 1 : 0];
}

static int set_device(struct config *config, const char *text, struct error *error)
{
	const char *colon = strchr(text, ':');
	struct config_device *device;
	const char *comma;

	if (config->device_count == CONFIG_DEVICES_MAX)
		return error_set(error, EINVAL, "%s: too many devices: give at most %d", text,
			CONFIG_DEVICES_MAX);
	device = &config->devices[config->device_count];
	device->kind =
		device_kind_find(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	if (device->kind == NULL)
		return error_set(error, EINVAL,
			"%s: unknown kind: use pci:, af_xdp:, af_packet:, pcap:, "
			"pcap-live:, tap: or vdev:",
			text);
	if (colon == NULL || colon[1] == '\0')
		return error_set(error, EINVAL, "%s: no name: write it as %s:%s", text,
			device->kind->prefix, device->kind->argument);
	comma = device->kind->offline ? strchr(colon, ',') : NULL;
	if (comma != NULL && (comma == colon + 1 || comma[1] == '\0'))
		return error_set(error, EINVAL, "%s: no file name: write it as %s:%s", text,
			device->kind->prefix, device->kind->argument);
	if (comma != NULL && strchr(comma + 1, ',') != NULL)
		return error_set(error, EINVAL,
			"%s: more than two files: write it as %s:%s, of names without a comma",
			text, device->kind->prefix, device->kind->argument);
	device->text = strdup(text);
	device->name =
		comma != NULL ? strndup(colon + 1, (size_t)(comma - colon - 1)) : strdup(colon + 1);
	device->output = comma != NULL ? strdup(comma + 1) : NULL;
	if (device->text == NULL || device->name == NULL ||
		(comma != NULL && device->output == NULL))
		return error_set(error, ENOMEM, "%s: no memory", text);
	config->device_count++;
	return 0;
}

static int set_address(struct config *config, const char *text, struct error *error)
{
	struct config_device *device = current_device(config);
	const char *rest = text;
	int result = 0;

	if (device->from_file) {
		device->from_file = false;
		device->address_count = 0;
	}
	while (result == 0 && rest != NULL) {
		const size_t length = strcspn(rest, ",");
		char *one = strndup(rest, length);

		if (one == NULL)
			return error_set(error, ENOMEM, "%s: no memory", text);
		result = address_add(device, one, error);
		if (result < 0 && strcmp(one, text) != 0)
			error_prefix(error, "%s", text);
		free(one);
		rest = rest[length] == ',' ? rest + length + 1 : NULL;
	}
	return result;
}

static int set_mac(struct config *config, const char *text, struct error *error)
{
	struct config_device *device = current_device(config);

	if (!parse_mac(text, &device->mac))
		return error_set(error, EINVAL,
			"%s: not the MAC address of a station: write it as 02:00:00:00:00:02",
			text);
	device->has_mac = true;
	return 0;
}

static int set_ports(
	struct port_set *ports, const char *text, const char *example, struct error *error)
{
	if (*text == '\0')
		return error_set(error, EINVAL, "the list is empty: write it as %s", example);
	if (!parse_ports(text, ports))
		return error_set(error, EINVAL,
			"%s: not a list of ports from 1 to 65535: write it as %s", text, example);
	return 0;
}

static int set_served_ports(struct config *config, const char *text, struct error *error)
{
	return set_ports(&config->ports, text, "7,7000-7099 or any", error);
}

static int set_blocked_ports(struct config *config, const char *text, struct error *error)
{
	return set_ports(&config->blocked, text, "27015,30000-30099", error);
}

static int set_acl(struct config *config, const char *text, struct error *error)
{
	const int result = acl_file_read(text, config->pulse, &config->acl, &config->acl_count,
		&config->acl_is_open_ended, error);

	free(config->acl_path);
	config->acl_path = strdup(text);
	if (config->acl_path == NULL)
		return error_set(error, ENOMEM, "%s: no memory", text);
	return result;
}

static int set_rate(struct rate *rate, const char *text, struct error *error)
{
	if (!parse_rate(text, rate))
		return error_set(error, EINVAL,
			"%s: not a rate: write it as 1000, or 1000:50 with a burst of 50", text);
	return 0;
}

static int set_rate_limit(struct config *config, const char *text, struct error *error)
{
	return set_rate(&config->limits.echo, text, error);
}

static int set_rate_limit_prefix(struct config *config, const char *text, struct error *error)
{
	if (!parse_count(text, 0, 32, &config->limits.prefix_length))
		return error_set(error, EINVAL, "%s: not a prefix length from 0 to 32", text);
	return 0;
}

static int set_rate_limit_prefix6(struct config *config, const char *text, struct error *error)
{
	if (!parse_count(text, 1, 128, &config->limits.prefix6_length))
		return error_set(error, EINVAL, "%s: not a prefix length from 1 to 128", text);
	return 0;
}

static int set_icmp_arp_rate_limit(struct config *config, const char *text, struct error *error)
{
	return set_rate(&config->limits.icmp_arp, text, error);
}

static int set_unreachable(struct config *config, const char *text, struct error *error)
{
	return set_rate(&config->limits.unreachable, text != NULL ? text : "100", error);
}

static int set_switch(bool *is_on, const char *text, struct error *error)
{
	*is_on = strcmp(text, "on") == 0;
	if (!*is_on && strcmp(text, "off") != 0)
		return error_set(error, EINVAL, "%s: use on or off", text);
	return 0;
}

static int set_partial_checksums(struct config *config, const char *text, struct error *error)
{
	bool is_on;

	config->partial_checksums = PARTIAL_AUTO;
	if (strcmp(text, "auto") == 0)
		return 0;
	if (set_switch(&is_on, text, error) < 0)
		return error_set(error, EINVAL, "%s: use auto, on or off", text);
	config->partial_checksums = is_on ? PARTIAL_ON : PARTIAL_OFF;
	return 0;
}

static int set_explain(struct config *config, const char *text, struct error *error)
{
	return set_switch(&config->explain, text != NULL ? text : "on", error);
}

static int set_no_probe(struct config *config, const char *text, struct error *error)
{
	return set_switch(&config->no_probe, text != NULL ? text : "on", error);
}

static int set_ttl(struct config *config, const char *text, struct error *error)
{
	if (!parse_count(text, 1, 255, &config->ttl))
		return error_set(error, EINVAL, "%s: not a number of hops from 1 to 255", text);
	return 0;
}

static int set_mtu(struct config *config, const char *text, struct error *error)
{
	if (!parse_count(text, 68, 65535, &current_device(config)->mtu))
		return error_set(error, EINVAL, "%s: not a number of bytes from 68 to 65535", text);
	return 0;
}

static int set_variant(struct config *config, const char *text, struct error *error)
{
	unsigned int count;
	const struct variant *variants = plain_variants(&count);
	char names[64] = "auto";

	for (unsigned int i = 0; i < count; i++)
		if (strcmp(text, variants[i].name) == 0) {
			config->variant = &variants[i];
			return 0;
		}
	config->variant = NULL;
	if (strcmp(text, "auto") == 0)
		return 0;
	for (unsigned int i = 0; i < count; i++) {
		const size_t length = strlen(names);

		snprintf(names + length, sizeof(names) - length, i + 1 < count ? ", %s" : " or %s",
			variants[i].name);
	}
	return error_set(error, EINVAL, "%s: use %s", text, names);
}

static int set_cores(struct config *config, const char *text, struct error *error)
{
	if (*text == '\0')
		return error_set(error, EINVAL, "the list is empty: write it as 1,3-5");
	if (!parse_cores(text, &config->cores))
		return error_set(error, EINVAL, "%s: not a list of cores: write it as 1,3-5", text);
	config->has_cores = true;
	return 0;
}

const char *const idle_names[] = {
	[IDLE_SPIN] = "spin",
	[IDLE_PAUSE] = "pause",
	[IDLE_SLEEP] = "sleep",
	[IDLE_INTERRUPT] = "interrupt",
};

static int set_idle(struct config *config, const char *text, struct error *error)
{
	config->has_idle = strcmp(text, "auto") != 0;
	if (!config->has_idle)
		return 0;
	for (enum idle idle = IDLE_SPIN; idle <= IDLE_INTERRUPT; idle++)
		if (strcmp(text, idle_names[idle]) == 0) {
			config->idle = idle;
			return 0;
		}
	return error_set(error, EINVAL, "%s: use auto, spin, pause, sleep or interrupt", text);
}

static int set_queues(struct config *config, const char *text, struct error *error)
{
	if (!parse_count(text, 1, WORKER_QUEUES_MAX, &current_device(config)->queues))
		return error_set(error, EINVAL, "%s: not a number of queues from 1 to %d", text,
			WORKER_QUEUES_MAX);
	return 0;
}

static int set_log_level(struct config *config, const char *text, struct error *error)
{
	if (!log_level_parse(text, &config->log_level))
		return error_set(
			error, EINVAL, "%s: use error, warning, notice, info or debug", text);
	return 0;
}

static int set_http(struct config *config, const char *text, struct error *error)
{
	if (!parse_endpoint(text, &config->http.address, &config->http.port))
		return error_set(error, EINVAL,
			"%s: not a port: write it as 9110, or for others to reach as "
			"198.18.0.1:9110 or [2001:2::1]:9110",
			text);
	return 0;
}

static int set_report(struct config *config, const char *text, struct error *error)
{
	if (strcmp(text, "text") == 0)
		config->report = REPORT_TEXT;
	else if (strcmp(text, "json") == 0)
		config->report = REPORT_JSON;
	else
		return error_set(error, EINVAL, "%s: unknown format: use text or json", text);
	return 0;
}

#define set_eal_argument config_add_eal_argument

static const struct setting rows[] = {
#define KEY(identifier, name, scope, repeats, change) \
	{name, SETTING_OF_##scope, SETTING_##repeats, SETTING_CHANGES_##change, set_##identifier},
#define SETTING(identifier, letter, name, argument, scope, repeats, change, ...) \
	KEY(identifier, name, scope, repeats, change)
#include <udpecho/control/settings.def>
#undef SETTING
#undef KEY
};

const struct setting *settings(unsigned int *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

const struct setting *setting_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}
