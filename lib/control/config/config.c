/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <udpecho/config.h>
#include <udpecho/device.h>

#include "device/replay.h"

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	port_set_add(&config->ports, 7); /* RFC 862 */
	config->limits.prefix_length = 24;
	config->ttl = IDENTITY_TTL_DEFAULT;
	config->partial_checksums = true;
}

void config_drop_devices(struct config *config)
{
	for (unsigned int i = 0; i < CONFIG_DEVICES_MAX; i++) {
		free(config->devices[i].text);
		free(config->devices[i].name);
		free(config->devices[i].output);
	}
	memset(config->devices, 0, sizeof(config->devices));
	config->device_count = 0;
}

void config_free(struct config *config)
{
	config_drop_devices(config);
	free(config->acl_path);
	free(config->acl);
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		free(config->eal_arguments[i]);
	free(config->eal_arguments);
}

int config_add_eal_argument(struct config *config, const char *text, struct error *error)
{
	char **grown =
		reallocarray(config->eal_arguments, config->eal_argument_count + 1, sizeof(*grown));
	char *copy = strdup(text);

	if (grown != NULL)
		config->eal_arguments = grown;
	if (grown == NULL || copy == NULL) {
		free(copy);
		return error_set(error, ENOMEM, "%s: no memory", text);
	}
	grown[config->eal_argument_count++] = copy;
	return 0;
}

static bool reads(const struct config_device *other, const char *file)
{
	return other->kind->offline && replay_is_same_file(file, other->name);
}

static bool writes(const struct config_device *other, const char *file)
{
	return other->output != NULL &&
	       (strcmp(file, other->output) == 0 || replay_is_same_file(file, other->output));
}

static int check_device(const struct config *config, unsigned int index, struct error *error)
{
	const struct config_device *device = &config->devices[index];

	for (unsigned int i = 0; i < index; i++)
		if (config->devices[i].kind == device->kind &&
			strcmp(config->devices[i].name, device->name) == 0)
			return error_set(error, EINVAL, "device %s: given twice", device->text);
	for (unsigned int i = 0; i < config->device_count; i++)
		if (i != index && device->output != NULL &&
			(reads(&config->devices[i], device->output) ||
				(i < index && writes(&config->devices[i], device->output))))
			return error_set(error, EINVAL, "device %s: another one has %s too",
				device->text, device->output);
	if (device->address_count == 0)
		return error_set(error, EINVAL,
			"device %s: no address: say which it answers for with -a IP[/LEN]",
			device->text);
	if (device->kind->offline && !device->has_mac)
		return error_set(error, EINVAL,
			"device %s: no MAC address: say which one the capture's frames were sent "
			"to with -m MAC",
			device->text);
	if (device->mtu != 0 && !device->kind->pci && strcmp(device->kind->prefix, "vdev") != 0)
		return error_set(error, EINVAL,
			"device %s: takes no --mtu: it has that of its interface or capture",
			device->text);
	if (device->queues > 1 && !device->kind->takes_queues)
		return error_set(error, EINVAL, "device %s: takes no --queues: %s", device->text,
			device->kind->count_queues != NULL
				? "it has those of its interface (`ethtool -L`)"
				: "it has one");
	return 0;
}

int config_finish(const struct config *config, struct error *error)
{
	int result;

	if (config->device_count == 0)
		return error_set(error, EINVAL,
			"no device: give one with -d, such as -d af_xdp:eth1, or in a [device] "
			"section");
	for (unsigned int i = 0; i < config->device_count; i++) {
		result = check_device(config, i, error);
		if (result < 0)
			return result;
	}
	if (config->explain && !(config->device_count == 1 && config->devices[0].kind->offline))
		return error_set(
			error, EINVAL, "option --explain: goes with exactly one device, pcap:FILE");
	return 0;
}
