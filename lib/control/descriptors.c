/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "descriptors.h"
#include "device/condition.h"

#define MOST 65536

int descriptors_raise(struct error *error)
{
	struct condition too_few;
	struct rlimit limit;

	if (access("/proc/self/fd", X_OK) < 0)
		return error_set(error, ENOENT,
			"there is no /proc: mount it with `mount -t proc proc /proc`");
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return error_set(
			error, errno, "cannot read the limit of open files: %s", strerror(errno));
	too_few = condition_descriptors((unsigned long)limit.rlim_max);
	if (limit.rlim_max < DESCRIPTORS_LEAST)
		return condition_error(&too_few, EMFILE, error);
	if (limit.rlim_cur < MOST) {
		limit.rlim_cur = limit.rlim_max < MOST ? limit.rlim_max : MOST;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return 0;
}
