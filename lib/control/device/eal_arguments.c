/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_pci.h>

#include <udpecho/control/device.h>

#include "device/eal_arguments.h"

#define ARGUMENTS_MAX   (16 + CONFIG_DEVICES_MAX)
#define BASE_MEGABYTES  64
#define LISTS_MEGABYTES 192
#define PORT_MEGABYTES  96 /* the largest pool, with what DPDK adds to a buffer */

/* EAL keeps pointers into its arguments, so they must stay until it ends. */
static char **arguments;
static int argument_count;
static bool argument_is_lost; /* there was no memory for one */

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	if (vasprintf(&arguments[argument_count], format, values) >= 0)
		argument_count++;
	else
		argument_is_lost = true;
	va_end(values);
}

/* Returns whether the operator gave EAL an option of NAMES, a list that ends with NULL. */
static bool operator_gave(const struct config *config, const char *const names[])
{
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		for (const char *const *name = names; *name != NULL; name++)
			if (strncmp(config->eal_arguments[i], *name, strlen(*name)) == 0)
				return true;
	return false;
}

bool eal_is_verbose(const struct config *config)
{
	static const char *const names[] = {"--log-level", "--trace", NULL};

	return operator_gave(config, names);
}

/* Each appliance on a host is a primary process with files of its own. */
const char *eal_prefix(const struct config *config)
{
	static const char *const names[] = {"--file-prefix", NULL};
	static char prefix[NAME_MAX / 2];

	if (operator_gave(config, names))
		return NULL;
	for (unsigned int i = 0; i < config->device_count; i++)
		if (config->devices[i].kind->pci) {
			snprintf(prefix, sizeof(prefix), EAL_PREFIX "%s", config->devices[0].name);
			return prefix;
		}
	snprintf(prefix, sizeof(prefix), EAL_PREFIX "%d", getpid());
	return prefix;
}

static void add_cores(const cpu_set_t *cores)
{
	char list[4096];
	cpu_set_t allowed, others;
	int length, lcore = 0;
	const char *separator = "";

	/*
	 * The main thread, and all threads that are not workers, run on the cores that do not poll,
	 * if there are any.
	 */
	length = snprintf(list, sizeof(list), "0@(");
	sched_getaffinity(0, sizeof(allowed), &allowed);
	CPU_AND(&others, &allowed, cores);
	CPU_XOR(&others, &allowed, &others);
	if (CPU_COUNT(&others) == 0)
		others = allowed;
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, &others) && length < (int)sizeof(list) / 2) {
			length += snprintf(list + length, sizeof(list) - (size_t)length, "%s%d",
				separator, core);
			separator = ",";
		}
	length += snprintf(list + length, sizeof(list) - (size_t)length, ")");
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, cores) && length < (int)sizeof(list) - 16)
			length += snprintf(list + length, sizeof(list) - (size_t)length, ",%d@%d",
				++lcore, core);
	add("--lcores=%s", list);
}

/* Returns the most queues that the devices can have. */
static size_t count_queues(const struct config *config, const cpu_set_t *cores)
{
	size_t count = 0;

	for (unsigned int i = 0; i < config->device_count; i++) {
		bool is_split;

		count += device_count_queues(
			&config->devices[i], (unsigned int)CPU_COUNT(cores), &is_split);
	}
	return count;
}

/*
 * A NIC needs hugepages. All other devices run without them, and without files. Unused memory costs
 * nothing, so there is enough for two access lists: during a reload the old one is still in use.
 */
static void add_memory(const struct config *config, const cpu_set_t *cores, bool pci)
{
	static const char *const names[] = {
		"--socket-mem", "--in-memory", "--huge", "--no-huge", NULL};

	if (pci || operator_gave(config, names))
		return;
	add("--no-huge");
	add("-m");
	add("%zu", BASE_MEGABYTES + PORT_MEGABYTES * count_queues(config, cores) + LISTS_MEGABYTES +
			   2 * acl_memory(config->acl, config->acl_count) / 1048576);
	add("--no-shconf");
	add("--no-telemetry");
}

static void add_devices(const struct config *config, bool pci)
{
	if (!pci)
		add("--no-pci");
	for (unsigned int i = 0; i < config->device_count; i++)
		if (config->devices[i].kind->pci) {
			add("-a");
			add("%s", config->devices[i].name);
		}
}

void eal_arguments_free(void)
{
	for (int i = 0; i < argument_count; i++)
		free(arguments[i]);
	free(arguments);
	arguments = NULL;
	argument_count = 0;
}

/*
 * Refuses arguments that EAL takes but the appliance can't run with. A secondary process has no
 * devices of its own, and waits for its primary for ever, whatever the signal. EAL also ignores
 * words that are not options.
 */
static int check(const struct config *config, struct error *error)
{
	const char *last = "";

	for (unsigned int i = 0; i < config->eal_argument_count; i++) {
		const char *text = config->eal_arguments[i];
		const char *type = strcmp(last, "--proc-type") == 0 ? text : "primary";

		if (strncmp(text, "--proc-type=", strlen("--proc-type=")) == 0)
			type = text + strlen("--proc-type=");
		if (strcmp(type, "primary") != 0)
			return error_set_usage(error,
				"EAL argument %s: an appliance is a primary process: leave it out",
				text);
		if (*text != '-' && *last != '-')
			return error_set_usage(error, "EAL argument %s: not an option", text);
		last = text;
	}
	return 0;
}

int eal_arguments_make(const struct config *config, const cpu_set_t *cores, const char *more,
	char ***permutable, struct error *error)
{
	bool pci = false;

	if (check(config, error) < 0)
		return -EINVAL;
	for (unsigned int i = 0; i < config->device_count; i++)
		pci |= config->devices[i].kind->pci;
	arguments = calloc((size_t)ARGUMENTS_MAX + config->eal_argument_count, sizeof(char *));
	if (arguments == NULL)
		return error_set(error, ENOMEM, "no memory");
	add("udpechod");
	add_cores(cores);
	add_memory(config, cores, pci);
	add_devices(config, pci);
	if (eal_prefix(config) != NULL)
		add("--file-prefix=%s", eal_prefix(config));
	if (!eal_is_verbose(config))
		add("--log-level=error");
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		add("%s", config->eal_arguments[i]);
	/* Twice, because the operator's last argument may take one as its value. */
	for (int i = 0; i < 2 && more != NULL; i++)
		add("%s", more);
	*permutable = calloc((size_t)argument_count + 1, sizeof(char *));
	if (*permutable == NULL || argument_is_lost) {
		free(*permutable);
		eal_arguments_free();
		return error_set(error, ENOMEM, "no memory");
	}
	memcpy(*permutable, arguments, (size_t)argument_count * sizeof(char *));
	return argument_count;
}
