/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pci.h>
#include <rte_pdump.h>

#include <udpecho/device.h>

#include "device/eal.h"
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

/*
 * EAL takes the folder that there is. Without root, and where nobody says of another, it is in
 * /tmp: who was there first could have it, and with it what is removed in the end.
 */
static int prepare_folder(struct error *error)
{
	static const char folder[] = "/tmp/dpdk";
	struct stat found;

	if (getuid() == 0 || getenv("RUNTIME_DIRECTORY") != NULL ||
		getenv("XDG_RUNTIME_DIR") != NULL)
		return 0;
	if ((mkdir(folder, 0700) < 0 && errno != EEXIST) || lstat(folder, &found) < 0)
		return error_set(error, errno, "%s: %s", folder, strerror(errno));
	if (!S_ISDIR(found.st_mode) || found.st_uid != getuid() || (found.st_mode & 022) != 0)
		return error_set(error, EPERM,
			"%s is not a directory of yours alone: set XDG_RUNTIME_DIR to one that is",
			folder);
	return 0;
}

static void remove_files(const char *folder, const char *pattern)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		if (fnmatch(pattern, entry->d_name, 0) == 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
}

/*
 * What EAL shares with other processes through FOLDER, and leaves there when it ends; unless it is
 * another's, who is running and has it locked.
 */
static void remove_shared(const char *folder)
{
	static const char *const patterns[] = {"config", "hugepage_info", "fbarray_*"};
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX + sizeof("/config")];
	int config;

	snprintf(path, sizeof(path), "%s/config", folder);
	config = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (config >= 0 && fcntl(config, F_SETLK, &lock) < 0) {
		close(config);
		return;
	}
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		remove_files(folder, patterns[i]);
	if (config >= 0)
		close(config);
}

/*
 * Where EAL has hugepages in files that begin with PREFIX: it keeps the first of them to the end
 * and beyond, out of everybody's reach. False: it has none.
 */
static bool find_hugepages(const char *prefix, char *folder, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128];
	bool found = false;

	if (maps == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		const char *path = strchr(line, '/');
		char *name = strrchr(line, '/');

		if (path == NULL || strncmp(name + 1, prefix, strlen(prefix)) != 0)
			continue;
		*name = '\0';
		found = snprintf(folder, size, "%s", path) < (int)size;
	}
	fclose(maps);
	return found;
}

/* NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c): rte_panic() raises SIGABRT, in no call of ours
 */
/* EAL's folder and the one around it, where nothing and nobody else is in them. */
static void remove_directory(char *directory)
{
	if (rmdir(directory) == 0)
		rmdir(dirname(directory));
}

/*
 * rte_panic(), while EAL starts: it has said why where nobody sees it. It is the main thread's, and
 * so no other is there yet that would mind.
 */
static void tell_panic(int number)
{
	char directory[PATH_MAX];
	const char *why;

	(void)number;
	why = hush_why("it does not say why");
	hush_end();
	fprintf(stderr, "udpechod: DPDK gives up: %s\n", why);
	snprintf(directory, sizeof(directory), "%s", rte_eal_get_runtime_dir());
	remove_directory(directory);
	_exit(EXIT_FAILURE);
}
/* NOLINTEND(bugprone-signal-handler,cert-sig30-c) */

/* DPDK removes its socket as the process exits, and this is to come after it. */
static char directory_left[PATH_MAX];

static void remove_directory_left(void)
{
	if (directory_left[0] != '\0')
		remove_directory(directory_left);
}

int eal_start(const struct config *config, const cpu_set_t *cores, struct error *error)
{
	bool pci = false;
	char **permuted;
	int result;

	result = prepare_folder(error);
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
	atexit(remove_directory_left); /* what is registered first is called last */
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
		char directory[PATH_MAX];

		snprintf(directory, sizeof(directory), "%s", rte_eal_get_runtime_dir());
		remove_directory(directory);
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
	char directory[PATH_MAX], hugepages[PATH_MAX], prefix[NAME_MAX], pattern[NAME_MAX + 8];
	const char *name;
	bool has_hugepages;

	snprintf(directory, sizeof(directory), "%s", rte_eal_get_runtime_dir());
	name = strrchr(directory, '/'); /* NULL: without root it may have none */
	snprintf(prefix, sizeof(prefix), "%smap_", name != NULL ? name + 1 : "");
	snprintf(pattern, sizeof(pattern), "%s*", prefix);
	has_hugepages = name != NULL && find_hugepages(prefix, hugepages, sizeof(hugepages));
	rte_pdump_uninit();
	rte_eal_cleanup();
	free_arguments();
	if (has_hugepages)
		remove_files(hugepages, pattern);
	remove_shared(directory);
	snprintf(directory_left, sizeof(directory_left), "%s", directory);
}
