/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each thread has its own capabilities, and EAL starts its threads before we can open devices. So
 * the main thread gives up its capabilities, and sends each other thread a signal to follow.
 */
#include <dirent.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cap-ng.h>

#include <udpecho/control/log.h>

#include "privilege.h"

#define SIGNAL     SIGURG /* a stray SIGURG does no harm */
#define PATIENCE_S 60     /* a thread of an emulated machine may wait long for a core */

static struct __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3];
static sem_t done;
static int failure;

static int set_own(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	if (syscall(SYS_capset, &header, kept) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
		return -errno;
	return 0;
}

/* Handles the signal in each other thread. It makes nothing but system calls. */
static void follow(int number)
{
	const int saved = errno, result = set_own();

	(void)number;
	if (result < 0)
		__atomic_store_n(&failure, result, __ATOMIC_RELAXED);
	sem_post(&done);
	errno = saved;
}

/* Returns 0 once THREAD has followed, or if it has ended; or -errno. */
static int have_follow(pid_t thread)
{
	struct timespec end;

	if (syscall(SYS_tgkill, getpid(), thread, SIGNAL) != 0)
		return errno == ESRCH ? 0 : -errno;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PATIENCE_S;
	while (sem_clockwait(&done, CLOCK_MONOTONIC, &end) != 0)
		if (errno != EINTR)
			return -errno;
	return __atomic_load_n(&failure, __ATOMIC_RELAXED);
}

/* Returns whether THREAD has the capabilities of this thread, or has ended. */
static bool has_followed(pid_t thread)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = thread};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, has) != 0 || memcmp(has, kept, sizeof(has)) == 0;
}

/* Repeats until no thread is left: those that have not followed yet may start others. */
static int have_all_follow(void)
{
	const struct sigaction action = {.sa_handler = follow, .sa_flags = SA_RESTART};
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	struct sigaction before;
	bool is_first = true, again;
	int result = 0;

	if (threads == NULL)
		return -errno;
	sem_init(&done, 0, 0);
	sigaction(SIGNAL, &action, &before);
	do {
		again = false;
		rewinddir(threads);
		while (result == 0 && (entry = readdir(threads)) != NULL) {
			const pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

			if (thread <= 0 || thread == gettid() ||
				(!is_first && has_followed(thread)))
				continue;
			result = have_follow(thread);
			again = true;
		}
		is_first = false;
	} while (again && result == 0);
	sigaction(SIGNAL, &before, NULL);
	closedir(threads);
	return result;
}

int privilege_drop(uint64_t keep, struct error *error)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	int result;
	char *text;

	if (capng_get_caps_process() != 0)
		return error_set(error, EPERM, "cannot read capabilities");
	for (unsigned int i = 0; i <= CAP_LAST_CAP; i++)
		if (!(keep & PRIVILEGE(i)))
			capng_update(CAPNG_DROP,
				CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE, i);
	result = capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -EPERM;
	if (result == 0)
		result = syscall(SYS_capget, &header, kept) == 0 ? set_own() : -errno;
	if (result == 0)
		result = have_all_follow();
	if (result < 0)
		return error_set(
			error, -result, "cannot give up capabilities: %s", strerror(-result));
	text = capng_print_caps_text(CAPNG_PRINT_BUFFER, CAPNG_PERMITTED);
	log_say(RTE_LOG_NOTICE, "capabilities: %s", text != NULL ? text : "unknown");
	free(text);
	return 0;
}
