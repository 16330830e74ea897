/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_pci.h>

#include <udpecho/control/config.h>
#include <udpecho/control/device.h>

#include "device/replay.h"

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	port_set_add(&config->ports, 7); /* RFC 862 */
	config->limits.prefix_length = 24;
	config->limits.prefix6_length = 64;
	config->ttl = IDENTITY_TTL_DEFAULT;
}

void config_drop_devices(struct config *config)
{
	for (unsigned int i = 0; i < CONFIG_DEVICES_MAX; i++) {
		free(config->devices[i].text);
		free(config->devices[i].name);
		free(config->devices[i].output);
		free(config->devices[i].place);
		free(config->devices[i].section);
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

/* Whether A and B are the same device. A PCI address can be written in several ways. */
static bool is_same(const struct config_device *a, const struct config_device *b)
{
	struct rte_pci_addr one, other;

	if (a->kind != b->kind)
		return false;
	if (a->kind->pci && rte_pci_addr_parse(a->name, &one) == 0 &&
		rte_pci_addr_parse(b->name, &other) == 0)
		return rte_pci_addr_cmp(&one, &other) == 0;
	return strcmp(a->name, b->name) == 0;
}

static int check_among_others(const struct config *config, unsigned int index, struct error *error)
{
	const struct config_device *device = &config->devices[index];

	for (unsigned int i = 0; i < index; i++)
		if (is_same(&config->devices[i], device))
			return error_set(error, EINVAL, "given twice");
	for (unsigned int i = 0; i < config->device_count; i++)
		if (i != index && device->output != NULL &&
			(reads(&config->devices[i], device->output) ||
				(i < index && writes(&config->devices[i], device->output))))
			return error_set(error, EINVAL,
				"another device uses %s too: give each device a file of its own",
				device->output);
	return 0;
}

bool config_device_has(const struct config_device *device, enum ip_family family)
{
	for (unsigned int i = 0; i < device->address_count; i++)
		if (ip_address_family(device->addresses[i].address) == family)
			return true;
	return false;
}

static int check_mtu(const struct config_device *device, struct error *error)
{
	const struct device_kind *kind = device->kind;

	if (device->mtu == 0)
		return 0;
	if (!kind->pci && strcmp(kind->prefix, "vdev") != 0)
		return error_set(
			error, EINVAL, "takes no mtu: it has that of its interface or capture");
	if (device->mtu < IPV6_MTU_MIN && config_device_has(device, IP_FAMILY_IPV6))
		return error_set(error, EINVAL,
			"the MTU is %u, and IPv6 needs %d: give it more, or no IPv6 address",
			device->mtu, IPV6_MTU_MIN);
	return 0;
}

static int check_device(
	const struct config *config, const struct config_device *device, struct error *error)
{
	const struct device_kind *kind = device->kind;

	if (kind->check_form != NULL && kind->check_form(device, error) < 0)
		return -EINVAL;
	if (device->address_count == 0)
		return error_set(error, EINVAL, "no address: give one with %s",
			device->place != NULL ? "address = IP[/LEN]" : "-a IP[/LEN]");
	if (kind->offline && !device->has_mac)
		return error_set(error, EINVAL,
			"no MAC address: give the one that the frames of the capture were sent to, "
			"with %s",
			device->place != NULL ? "mac = MAC" : "-m MAC");
	if (check_mtu(device, error) < 0)
		return -EINVAL;
	if (kind->most_queues > 0 && device->queues > kind->most_queues)
		return error_set(error, EINVAL, "has %u queues at most: use --queues=%u",
			kind->most_queues, kind->most_queues);
	if (device->queues > 1 && kind->most_queues == 0)
		return error_set(error, EINVAL, "takes no queues: %s",
			kind->count_queues != NULL ? "it has those of its interface (`ethtool -L`)"
						   : "it has one");
	if (kind->offline && config->has_idle && config->idle == IDLE_INTERRUPT)
		return error_set(error, EINVAL, "has no interrupts: use another --idle");
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
		const struct config_device *device = &config->devices[i];

		result = check_among_others(config, i, error);
		if (result == 0)
			result = check_device(config, device, error);
		if (result == 0)
			continue;
		error_prefix(error, "device %s", device->text);
		if (device->place != NULL)
			error_prefix(error, "%s", device->place);
		return result;
	}
	if (config->explain && !(config->device_count == 1 && config->devices[0].kind->offline))
		return error_set(error, EINVAL,
			"option --explain: give exactly one device with it, pcap:FILE");
	return 0;
}
