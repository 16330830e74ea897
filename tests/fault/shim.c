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
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

static void *next(const char *name)
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

/* By what way it came here. */
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

/* Counts a call. True: it is the one that is to fail. */
static bool is_due(const char *name, void *caller)
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

/* Of DPDK, where it is there: its functions say why by this. */
static void set_rte_errno(int code)
{
	int *own = dlsym(RTLD_DEFAULT, "per_lcore__rte_errno");

	if (own != NULL)
		*own = code;
	errno = code;
}

#define DUE(name)   is_due(name, __builtin_return_address(0))
#define EXPORT      __attribute__((visibility("default")))
#define CODE_MEMORY errno = ENOMEM
#define CODE_MANY   errno = EMFILE
#define CODE_DPDK   set_rte_errno(ENOMEM)

/* A function of so many parameters that gives FAILURE, having said why by CODE. */
#define WRAP(type, name, parameters, arguments, code, failure)  \
	EXPORT type name parameters;                            \
	EXPORT type name parameters                             \
	{                                                       \
		static type(*real) parameters;                  \
		if (DUE(#name)) {                               \
			code;                                   \
			return failure;                         \
		}                                               \
		if (real == NULL)                               \
			real = (type(*) parameters)next(#name); \
		return real arguments;                          \
	}

WRAP(void *, malloc, (size_t size), (size), CODE_MEMORY, NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), CODE_MEMORY, NULL)
WRAP(void *, reallocarray, (void *old, size_t count, size_t size), (old, count, size), CODE_MEMORY,
	NULL)
WRAP(void *, memalign, (size_t alignment, size_t size), (alignment, size), CODE_MEMORY, NULL)
WRAP(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size), CODE_MEMORY, NULL)
WRAP(int, posix_memalign, (void **memory, size_t alignment, size_t size), (memory, alignment, size),
	, ENOMEM)
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int file, off_t offset),
	(at, size, protection, flags, file, offset), CODE_MEMORY, MAP_FAILED)
WRAP(void *, mmap64, (void *at, size_t size, int protection, int flags, int file, off_t offset),
	(at, size, protection, flags, file, offset), CODE_MEMORY, MAP_FAILED)

WRAP(FILE *, fopen, (const char *path, const char *how), (path, how), CODE_MANY, NULL)
WRAP(FILE *, fopen64, (const char *path, const char *how), (path, how), CODE_MANY, NULL)
WRAP(FILE *, fdopen, (int file, const char *how), (file, how), CODE_MEMORY, NULL)
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size), CODE_MEMORY, NULL)
WRAP(void *, opendir, (const char *path), (path), CODE_MANY, NULL)
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol), CODE_MANY, -1)
WRAP(int, pipe, (int ends[2]), (ends), CODE_MANY, -1)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), CODE_MANY, -1)
WRAP(int, eventfd, (unsigned int value, int flags), (value, flags), CODE_MANY, -1)
WRAP(int, epoll_create, (int size), (size), CODE_MANY, -1)
WRAP(int, epoll_create1, (int flags), (flags), CODE_MANY, -1)
WRAP(int, timerfd_create, (int clock, int flags), (clock, flags), CODE_MANY, -1)
WRAP(int, memfd_create, (const char *name, unsigned int flags), (name, flags), CODE_MANY, -1)
WRAP(int, dup, (int file), (file), CODE_MANY, -1)
WRAP(int, getifaddrs, (void **list), (list), CODE_MEMORY, -1)
WRAP(int, pthread_create,
	(pthread_t * thread, const pthread_attr_t *how, void *(*run)(void *), void *argument),
	(thread, how, run, argument), , EAGAIN)

WRAP(void *, rte_malloc, (const char *name, size_t size, unsigned int alignment),
	(name, size, alignment), CODE_DPDK, NULL)
WRAP(void *, rte_zmalloc, (const char *name, size_t size, unsigned int alignment),
	(name, size, alignment), CODE_DPDK, NULL)
WRAP(void *, rte_malloc_socket, (const char *name, size_t size, unsigned int alignment, int node),
	(name, size, alignment, node), CODE_DPDK, NULL)
WRAP(void *, rte_zmalloc_socket, (const char *name, size_t size, unsigned int alignment, int node),
	(name, size, alignment, node), CODE_DPDK, NULL)
WRAP(const void *, rte_memzone_reserve_aligned,
	(const char *name, size_t size, int node, unsigned int flags, unsigned int alignment),
	(name, size, node, flags, alignment), CODE_DPDK, NULL)
WRAP(void *, rte_pktmbuf_pool_create,
	(const char *name, unsigned int count, unsigned int cache, uint16_t own, uint16_t room,
		int node),
	(name, count, cache, own, room, node), CODE_DPDK, NULL)
WRAP(void *, rte_ring_create, (const char *name, unsigned int count, int node, unsigned int flags),
	(name, count, node, flags), CODE_DPDK, NULL)

/* dlsym() may ask for memory itself before it can say where to get it. */
EXPORT void *calloc(size_t count, size_t size);
EXPORT void *calloc(size_t count, size_t size)
{
	static void *(*real)(size_t, size_t);
	static __thread bool is_asking __attribute__((tls_model("initial-exec")));
	static char first[4096] __attribute__((aligned(16)));
	static size_t used;

	if (DUE("calloc")) {
		errno = ENOMEM;
		return NULL;
	}
	if (is_asking) {
		void *room = first + used;

		used += (count * size + 15) & ~(size_t)15;
		return used <= sizeof(first) ? room : NULL;
	}
	if (real == NULL) {
		is_asking = true;
		real = (void *(*)(size_t, size_t))next("calloc");
		is_asking = false;
	}
	return real(count, size);
}

/* Those that take a mode now and then. */
#define WRAP_OPEN(name, head, head_arguments)            \
	EXPORT int name head;                            \
	EXPORT int name head                             \
	{                                                \
		static int(*real) head;                  \
		mode_t mode = 0;                         \
		va_list rest;                            \
		if (DUE(#name)) {                        \
			errno = EMFILE;                  \
			return -1;                       \
		}                                        \
		if (real == NULL)                        \
			real = (int(*) head)next(#name); \
		va_start(rest, flags);                   \
		if (flags & (O_CREAT | __O_TMPFILE))     \
			mode = va_arg(rest, mode_t);     \
		va_end(rest);                            \
		return real head_arguments;              \
	}

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

static int duplicate(
	int (*real)(int, int, ...), int file, int command, void *argument, void *caller)
{
	if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && is_due("fcntl", caller)) {
		errno = EMFILE;
		return -1;
	}
	return real(file, command, argument);
}

#define WRAP_FCNTL(name)                                                                      \
	EXPORT int name(int file, int command, ...);                                          \
	EXPORT int name(int file, int command, ...)                                           \
	{                                                                                     \
		static int (*real)(int, int, ...);                                            \
		va_list rest;                                                                 \
		void *argument;                                                               \
		if (real == NULL)                                                             \
			real = (int (*)(int, int, ...))next(#name);                           \
		va_start(rest, command);                                                      \
		argument = va_arg(rest, void *);                                              \
		va_end(rest);                                                                 \
		return duplicate(real, file, command, argument, __builtin_return_address(0)); \
	}

WRAP_FCNTL(fcntl)
WRAP_FCNTL(fcntl64)

EXPORT int clock_gettime(clockid_t clock, struct timespec *time)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))next("clock_gettime");
	result = real(clock, time);
	if (control != NULL && clock == CLOCK_REALTIME)
		time->tv_sec += control->realtime_ns / 1000000000;
	return result;
}

/* Of a worker of the program's own start-up is over. */
EXPORT int rte_eal_remote_launch(int (*run)(void *), void *argument, unsigned int lcore);
EXPORT int rte_eal_remote_launch(int (*run)(void *), void *argument, unsigned int lcore)
{
	static int (*real)(int (*)(void *), void *, unsigned int);

	if (real == NULL)
		real = (int (*)(int (*)(void *), void *, unsigned int))next(
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
	start_function *real = (start_function *)next("__libc_start_main");

	own_main = main;
	return real(begin, count, arguments, init, fini, loader_fini, stack);
}
