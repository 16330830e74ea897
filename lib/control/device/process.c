/* SPDX-License-Identifier: BSD-3-Clause */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "device/process.h"
#include "privilege.h"

/* The kernel checks these in the first user namespace, whoever owns the network (capable()). */
#define OF_THE_FIRST (PRIVILEGE(CAP_IPC_LOCK) | PRIVILEGE(CAP_SYS_ADMIN))

/* Reads the rest of the line that begins with KEY from /proc/self/NAME below ROOT. */
static bool read_line(char *rest, size_t size, const char *root, const char *name, const char *key)
{
	char path[PATH_MAX], line[256];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/self/%s", root, name);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		found = strncmp(line, key, strlen(key)) == 0;
		if (found)
			snprintf(rest, size, "%s", line + strlen(key));
	}
	fclose(file);
	return found;
}

/* Returns the hard limit, because we raise the soft limit to it. */
static uint64_t read_limit(struct process *process, const char *root, const char *key)
{
	unsigned long long hard;
	char line[256];

	process->is_known = process->is_known && read_line(line, sizeof(line), root, "limits", key);
	return process->is_known && sscanf(line, "%*s %llu", &hard) == 1 ? hard : UINT64_MAX;
}

void process_read(struct process *process, const char *root)
{
	unsigned int inside, outside, count;
	char line[256];

	*process = (struct process){.memlock = UINT64_MAX};
	process->is_known = read_line(line, sizeof(line), root, "status", "CapEff:");
	if (!process->is_known)
		return;
	process->capabilities = strtoull(line, NULL, 16);
	process->is_foreign = read_line(line, sizeof(line), root, "uid_map", "") &&
			      sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 &&
			      (inside != 0 || outside != 0 || count != UINT32_MAX);
	process->descriptors = read_limit(process, root, "Max open files ");
	if (process_lacks(process, PRIVILEGE(CAP_IPC_LOCK)) != 0)
		process->memlock = read_limit(process, root, "Max locked memory ");
}

uint64_t process_lacks(const struct process *process, uint64_t wanted)
{
	const uint64_t in_vain = process->is_foreign ? OF_THE_FIRST : 0;

	return wanted & ~(process->capabilities & ~in_vain);
}

void process_raise_memlock(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
}
