/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <numa.h>
#include <stdio.h>
#include <string.h>

#include <udpecho/control/device.h>

#include "cores.h"

int cores_node(int core)
{
	const int node = numa_available() < 0 ? 0 : numa_node_of_cpu(core);

	return node < 0 ? 0 : node;
}

int cores_nth(const cpu_set_t *cores, unsigned int index)
{
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, cores) && index-- == 0)
			return core;
	return -1;
}

/* Returns the last core of FREE on NODE (negative: on any node), or -1 if there is none. */
static int last_core(const cpu_set_t *free, int node, int (*node_of)(int core, const void *machine),
	const void *machine)
{
	for (int core = CPU_SETSIZE - 1; core >= 0; core--)
		if (CPU_ISSET(core, free) && (node < 0 || node_of(core, machine) == node))
			return core;
	return -1;
}

void cores_choose(cpu_set_t *cores, const cpu_set_t *allowed, const int nodes[], unsigned int count,
	int (*node_of)(int core, const void *machine), const void *machine)
{
	const unsigned int available = (unsigned int)CPU_COUNT(allowed);
	const unsigned int most = available > 1 ? available - 1 : available;
	cpu_set_t free = *allowed;

	CPU_ZERO(cores);
	for (unsigned int i = 0; i < count && i < most; i++) {
		int core = last_core(&free, nodes[i], node_of, machine);

		if (core < 0)
			core = last_core(&free, -1, node_of, machine);
		CPU_CLR(core, &free);
		CPU_SET(core, cores);
	}
}

static int node_of_core(int core, const void *machine)
{
	(void)machine; /* it is this machine */
	return cores_node(core);
}

/*
 * Finds which of the cores WANTED the kernel gives to this process when it asks for them. With
 * isolcpus= these can be more cores than those that the process started with.
 */
static void ask_for(cpu_set_t *given, const cpu_set_t *wanted, const cpu_set_t *own)
{
	CPU_ZERO(given);
	if (sched_setaffinity(0, sizeof(*wanted), wanted) == 0)
		sched_getaffinity(0, sizeof(*given), given);
	sched_setaffinity(0, sizeof(*own), own);
}

static int take_named(
	cpu_set_t *cores, const struct config *config, const cpu_set_t *own, struct error *error)
{
	ask_for(cores, &config->cores, own);
	if (!CPU_EQUAL(cores, &config->cores))
		return error_set_usage(error,
			"option --cores: %s: this process may use %s%s: `lscpu -e` lists the cores",
			cores_list(&config->cores).text,
			CPU_COUNT(cores) > 0 ? "only " : "none of them", cores_list(cores).text);
	if (CPU_COUNT(cores) > CORES_MAX)
		return error_set_usage(error, "option --cores: name at most %d cores", CORES_MAX);
	return 0;
}

int cores_pick(cpu_set_t *cores, const struct config *config, struct error *error)
{
	int nodes[CONFIG_DEVICES_MAX];
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		return error_set(error, errno,
			"cannot find out which cores this process may use: %s", strerror(errno));
	if (config->has_cores)
		return take_named(cores, config, &allowed, error);
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];

		nodes[i] = device->kind->find_node != NULL ? device->kind->find_node(device) : -1;
	}
	cores_choose(cores, &allowed, nodes, config->device_count, node_of_core, NULL);
	return 0;
}

struct cores_text cores_list(const cpu_set_t *cores)
{
	struct cores_text list = {""};
	const size_t size = sizeof(list.text);
	size_t length = 0;

	for (int first = 0; first < CPU_SETSIZE && length < size; first++) {
		int last = first;

		if (!CPU_ISSET(first, cores))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cores))
			last++;
		length += (size_t)snprintf(list.text + length, size - length,
			last > first ? "%s%d-%d" : "%s%d", length > 0 ? "," : "", first, last);
		first = last;
	}
	if (length >= size)
		memcpy(list.text + size - sizeof("..."), "...", sizeof("..."));
	return list;
}
