/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preloaded into a program that is tested, it counts each call that asks for memory, a descriptor
 * or a thread, from main() on, and has one of them fail, or a signal come just then. What is
 * wanted, and what came of it, is in a file that the test has mapped as well: see fault.py, which
 * has the same layout.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

#define CALLS_MAX 65536
#define DEPTH     12

enum mode { MODE_OFF, MODE_FAIL, MODE_SIGNAL, MODE_RECORD };

static struct control {
	uint64_t mode;
	uint64_t target;         /* the call that fails, or at which the signal comes; from 1 on */
	uint64_t signal;         /* which one */
	uint64_t stop_at_launch; /* SIGTERM comes when the first worker starts */
	int64_t realtime_ns;     /* added to what the wall clock says */
	uint64_t calls;          /* so far */
	uint64_t fired;          /* the target was reached */
	uint64_t held;           /* it came when the program had begun to hold signals */
	uint64_t launched;       /* a worker was started */
	char where[256];         /* the call that it was */
	uint64_t paths[CALLS_MAX]; /* MODE_RECORD: of each call, by which way it came; odd: the
				      program's own */
} * control;

static __thread bool is_inside __attribute__((tls_model("initial-exec")));

void *shim_next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (function == NULL)
		_exit(125);
	return function;
}

static int (*own_main)(int, char **, char **);

/* Whether FUNCTION is the program's own. */
static bool is_own(void *function)
{
	Dl_info a = {0}, b = {0};

	return dladdr(function, &a) != 0 && dladdr((void *)own_main, &b) != 0 &&
	       a.dli_fbase == b.dli_fbase;
}

/* Identifies the way of the call to here: who called whom. */
static uint64_t hash_path(void)
{
	uint64_t hash = 14695981039346656037U;
	void *frames[DEPTH];
	const int count = backtrace(frames, DEPTH);

	for (int i = 2; i < count; i++)
		hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211U;
	return hash;
}

static void describe(const char *name, void *caller)
{
	Dl_info info = {0};
	const char *file = "?";

	if (dladdr(caller, &info) != 0 && info.dli_fname != NULL) {
		file = strrchr(info.dli_fname, '/');
		file = file != NULL ? file + 1 : info.dli_fname;
	}
	snprintf(control->where, sizeof(control->where), "%s in %s+0x%lx (%s)", name, file,
		(unsigned long)((uintptr_t)caller - (uintptr_t)info.dli_fbase),
		info.dli_sname != NULL ? info.dli_sname : "static");
}

/* Whether the program has begun to hold signals; one of them is enough to know. */
static bool is_holding(void)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGTERM) == 1 || sigismember(&set, SIGINT) == 1 ||
	       sigismember(&set, SIGHUP) == 1;
}

bool shim_is_due(const char *name, void *caller)
{
	uint64_t number;
	bool fails = false;

	if (control == NULL || control->mode == MODE_OFF || is_inside)
		return false;
	is_inside = true;
	number = __atomic_add_fetch(&control->calls, 1, __ATOMIC_RELAXED);
	if (control->mode == MODE_RECORD) {
		if (number <= CALLS_MAX)
			control->paths[number - 1] = (hash_path() & ~UINT64_C(1)) | is_own(caller);
	} else if (number == control->target) {
		describe(name, caller);
		control->fired = 1;
		fails = control->mode == MODE_FAIL;
		control->held = is_holding();
		if (control->mode == MODE_SIGNAL)
			syscall(SYS_kill, getpid(), (int)control->signal);
	}
	is_inside = false;
	return fails;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))shim_next("clock_gettime");
	result = real(clock, time);
	if (control != NULL && clock == CLOCK_REALTIME)
		time->tv_sec += control->realtime_ns / 1000000000;
	return result;
}

/* The program's start-up is over once a worker of its own is launched. */
EXPORT int rte_eal_remote_launch(int (*run)(void *), void *argument, unsigned int lcore);
EXPORT int rte_eal_remote_launch(int (*run)(void *), void *argument, unsigned int lcore)
{
	static int (*real)(int (*)(void *), void *, unsigned int);

	if (real == NULL)
		real = (int (*)(int (*)(void *), void *, unsigned int))shim_next(
			"rte_eal_remote_launch");
	if (control != NULL && is_own((void *)run)) {
		__atomic_store_n(&control->launched, 1, __ATOMIC_RELEASE);
		if (control->stop_at_launch)
			syscall(SYS_kill, getpid(), SIGTERM);
	}
	return real(run, argument, lcore);
}

static int begin(int count, char **arguments, char **environment)
{
	const char *path = getenv("UDPECHOD_FAULT");
	void *frames[2];
	void *map;
	int file;

	if (path != NULL) {
		backtrace(frames, 2); /* which loads what it needs */
		file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
		map = (void *)syscall(SYS_mmap, NULL, sizeof(*control), PROT_READ | PROT_WRITE,
			MAP_SHARED, file, 0);
		syscall(SYS_close, file);
		if (map == MAP_FAILED)
			_exit(125);
		control = map;
	}
	return own_main(count, arguments, environment);
}

typedef int start_function(int (*main)(int, char **, char **), int count, char **arguments,
	void (*init)(void), void (*fini)(void), void (*loader_fini)(void), void *stack);

EXPORT start_function __libc_start_main;
EXPORT int __libc_start_main(int (*main)(int, char **, char **), int count, char **arguments,
	void (*init)(void), void (*fini)(void), void (*loader_fini)(void), void *stack)
{
	start_function *real = (start_function *)shim_next("__libc_start_main");

	own_main = main;
	return real(begin, count, arguments, init, fini, loader_fini, stack);
}
