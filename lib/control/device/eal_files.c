/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>

#include "device/eal_arguments.h"
#include "device/eal_files.h"

/* What eal_files_find() found. */
static struct {
	char folder[PATH_MAX];
	bool has_hugepages;
	char hugepages[PATH_MAX],
		pattern[NAME_MAX + 8]; /* their folder, and the pattern of their names */
} left;

static char made[PATH_MAX]; /* what make_folder() made; EAL may use another folder */

static void remove_directories(char *inner)
{
	if (rmdir(inner) == 0)
		rmdir(dirname(inner));
}

/* Runs after DPDK has removed its socket, at the exit of the process. */
static void remove_directory_left(void)
{
	if (left.folder[0] != '\0')
		remove_directories(left.folder);
	if (made[0] != '\0')
		remove_directories(made);
}

/* Removes the folders of processes that were killed, unless they hold files. */
static void remove_stale(const char *outer)
{
	DIR *directory = opendir(outer);
	const struct dirent *entry;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL) {
		const char *number = entry->d_name + strlen(EAL_PREFIX);
		char *end;
		long process;

		if (strncmp(entry->d_name, EAL_PREFIX, strlen(EAL_PREFIX)) != 0)
			continue;
		process = strtol(number, &end, 10);
		if (process > 0 && *end == '\0' && kill((pid_t)process, 0) < 0 && errno == ESRCH)
			unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	}
	closedir(directory);
}

/* Makes the folder where EAL looks for it. If that fails, EAL runs without it, or reports it. */
static void make_folder(const char *prefix)
{
	const char *around = getenv("RUNTIME_DIRECTORY");
	char outer[PATH_MAX - NAME_MAX];

	if (prefix == NULL) /* the operator chose it, and others may share it */
		return;
	if (around == NULL && getuid() == 0)
		around = "/var/run";
	if (around == NULL)
		around = getenv("XDG_RUNTIME_DIR");
	snprintf(outer, sizeof(outer), "%s/dpdk", around != NULL ? around : "/tmp");
	snprintf(made, sizeof(made), "%s/%s", outer, prefix);
	remove_stale(outer);
	/* Between the two calls another process may end, and remove the empty outer folder. */
	for (int i = 0; i < 1000; i++) {
		mkdir(outer, 0700);
		if (mkdir(made, 0700) == 0 || errno != ENOENT)
			return;
	}
}

/*
 * EAL takes the folder that it finds. Without root, and without a variable that names another, it
 * is in /tmp: another user could have made it, and could choose which files we remove at the end.
 */
int eal_files_prepare(const char *prefix, struct error *error)
{
	static const char folder[] = "/tmp/dpdk";
	struct stat found;

	atexit(remove_directory_left); /* exit() calls the first one last */
	if (getuid() == 0 || getenv("RUNTIME_DIRECTORY") != NULL ||
		getenv("XDG_RUNTIME_DIR") != NULL) {
		make_folder(prefix);
		return 0;
	}
	/* If there is none and we can't make it, EAL runs without it, or reports it. */
	if ((mkdir(folder, 0700) < 0 && errno != EEXIST) || lstat(folder, &found) < 0)
		return 0;
	if (!S_ISDIR(found.st_mode) || found.st_uid != getuid() || (found.st_mode & 022) != 0)
		return error_set(error, EPERM,
			"%s is not a directory of yours alone: set XDG_RUNTIME_DIR to one that is",
			folder);
	make_folder(prefix);
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
 * Removes what EAL shares with other processes through FOLDER, and leaves there when it ends. If
 * another process has locked it, it is in use, and stays.
 */
static void remove_shared(const char *folder, bool has_sockets)
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
	if (has_sockets)
		remove_files(folder, "mp_socket*");
	if (config >= 0)
		close(config);
}

/*
 * Finds the FOLDER where EAL has hugepages in files that begin with PREFIX. EAL never removes the
 * first of them. Returns false if there is none.
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

void eal_files_find(void)
{
	char prefix[NAME_MAX];
	const char *name;

	snprintf(left.folder, sizeof(left.folder), "%s", rte_eal_get_runtime_dir());
	name = strrchr(left.folder, '/'); /* NULL: without root EAL may have no folder */
	snprintf(prefix, sizeof(prefix), "%smap_", name != NULL ? name + 1 : "");
	snprintf(left.pattern, sizeof(left.pattern), "%s*", prefix);
	left.has_hugepages =
		name != NULL && find_hugepages(prefix, left.hugepages, sizeof(left.hugepages));
}

void eal_files_remove(void)
{
	if (left.has_hugepages)
		remove_files(left.hugepages, left.pattern);
	remove_shared(left.folder, false); /* DPDK removes its socket itself */
}

void eal_files_remove_failed(void)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	if (folder[0] == '\0') /* EAL failed before it made the folder */
		return;
	remove_shared(folder, true);
	remove_directories(folder);
}
