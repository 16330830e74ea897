/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pci.h>
#include <rte_pdump.h>

#include <udpecho/device.h>

#include "device/eal.h"
#include "device/eal_files.h"
#include "device/hush.h"

#define ARGUMENTS_MAX   (16 + CONFIG_DEVICES_MAX)
#define BASE_MEGABYTES  64
#define LISTS_MEGABYTES 192
#define PORT_MEGABYTES  96 /* the largest pool, with what DPDK adds to a buffer */

/* EAL keeps pointers into its arguments, and permutes them. */
static char **arguments;
static int argument_count;
static bool argument_is_lost; /* there was no memory for it */

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

/* Whether the operator gave EAL one of the options in NAMES, a list that ends with NULL. */
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

static void add_cores(const cpu_set_t *cores)
{
	char list[4096];
	cpu_set_t allowed, others;
	int length, lcore = 0;
	const char *separator = "";

	/*
	 * The main thread, and with it all that are no workers, may be anywhere but on a core that
	 * polls; if there is any other.
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

/* At most: some devices have fewer than they could. */
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
 * Hardware reaches hugepages alone; everything else does without them, and leaves no files. Room
 * that is not used costs nothing, so there is some for the access list of a reload: it comes while
 * the old one is still there.
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

static void free_arguments(void)
{
	for (int i = 0; i < argument_count; i++)
		free(arguments[i]);
	free(arguments);
	arguments = NULL;
	argument_count = 0;
}

/* NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c): rte_panic() raises SIGABRT, in no call of ours
 */
/*
 * rte_panic(), while EAL starts: it has said why where nobody sees it. It is the main thread's, and
 * so no other is there yet that would mind.
 */
static void tell_panic(int number)
{
	const char *why;

	(void)number;
	why = hush_why("it does not say why");
	hush_end();
	fprintf(stderr, "udpechod: DPDK gives up: %s\n", why);
	eal_files_remove_directory();
	_exit(EXIT_FAILURE);
}
/* NOLINTEND(bugprone-signal-handler,cert-sig30-c) */

int eal_start(const struct config *config, const cpu_set_t *cores, struct error *error)
{
	bool pci = false;
	char **permuted;
	int result;

	result = eal_files_prepare(error);
	if (result < 0)
		return result;
	for (unsigned int i = 0; i < config->device_count; i++)
		pci |= config->devices[i].kind->pci;
	arguments = calloc((size_t)ARGUMENTS_MAX + config->eal_argument_count, sizeof(char *));
	if (arguments == NULL)
		return error_set(error, ENOMEM, "no memory");
	add("udpechod");
	add_cores(cores);
	add_memory(config, cores, pci);
	add_devices(config, pci);
	/* Two appliances on one host are two primary processes. */
	add("--file-prefix=udpechod%s%s", pci ? "-" : "", pci ? config->devices[0].name : "");
	if (!eal_is_verbose(config))
		add("--log-level=error");
	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		add("%s", config->eal_arguments[i]);

	permuted = calloc((size_t)argument_count + 1, sizeof(char *));
	if (permuted == NULL || argument_is_lost) {
		free(permuted);
		free_arguments();
		return error_set(error, ENOMEM, "no memory");
	}
	memcpy(permuted, arguments, (size_t)argument_count * sizeof(char *));
	signal(SIGABRT, tell_panic);
	result = rte_eal_init(argument_count, permuted);
	signal(SIGABRT, SIG_DFL);
	if (result >= 0 && result + 1 < argument_count) {
		error_set(error, EINVAL, "EAL argument %s: not an option", permuted[result + 1]);
		free(permuted);
		eal_stop();
		return -EINVAL;
	}
	free(permuted);
	if (result < 0) {
		const int why = rte_errno != 0 ? rte_errno : EIO;

		eal_files_remove_directory();
		free_arguments();
		return error_set(error, why, "DPDK does not start: %s%s",
			hush_why(rte_strerror(why)),
			pci ? ": `udpechod --doctor` with the same options says what is missing"
			    : "");
	}
	rte_pdump_init(); /* for dpdk-dumpcap; fails where there can be no other process */
	return 0;
}

void eal_stop(void)
{
	eal_files_find();
	rte_pdump_uninit();
	rte_eal_cleanup();
	free_arguments();
	eal_files_remove();
}
