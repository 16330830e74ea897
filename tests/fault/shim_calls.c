/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls that can fail: each asks shim.c whether it is due, and fails, or does what it would. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "shim.h"

/* Sets DPDK's errno, where DPDK is: its functions say why they fail by that. */
static void set_rte_errno(int code)
{
	int *own = dlsym(RTLD_DEFAULT, "per_lcore__rte_errno");

	if (own != NULL)
		*own = code;
	errno = code;
}

#define DUE(name)   shim_is_due(name, __builtin_return_address(0))
#define CODE_MEMORY errno = ENOMEM
#define CODE_MANY   errno = EMFILE
#define CODE_DPDK   set_rte_errno(ENOMEM)

/* A function of so many parameters that gives FAILURE, having said why by CODE. */
#define WRAP(type, name, parameters, arguments, code, failure)       \
	EXPORT type name parameters;                                 \
	EXPORT type name parameters                                  \
	{                                                            \
		static type(*real) parameters;                       \
		if (DUE(#name)) {                                    \
			code;                                        \
			return failure;                              \
		}                                                    \
		if (real == NULL)                                    \
			real = (type(*) parameters)shim_next(#name); \
		return real arguments;                               \
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
		real = (void *(*)(size_t, size_t))shim_next("calloc");
		is_asking = false;
	}
	return real(count, size);
}

/* Those that take a mode now and then. */
#define WRAP_OPEN(name, head, head_arguments)                 \
	EXPORT int name head;                                 \
	EXPORT int name head                                  \
	{                                                     \
		static int(*real) head;                       \
		mode_t mode = 0;                              \
		va_list rest;                                 \
		if (DUE(#name)) {                             \
			errno = EMFILE;                       \
			return -1;                            \
		}                                             \
		if (real == NULL)                             \
			real = (int(*) head)shim_next(#name); \
		va_start(rest, flags);                        \
		if (flags & (O_CREAT | __O_TMPFILE))          \
			mode = va_arg(rest, mode_t);          \
		va_end(rest);                                 \
		return real head_arguments;                   \
	}

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

static int duplicate(
	int (*real)(int, int, ...), int file, int command, void *argument, void *caller)
{
	if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && shim_is_due("fcntl", caller)) {
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
			real = (int (*)(int, int, ...))shim_next(#name);                      \
		va_start(rest, command);                                                      \
		argument = va_arg(rest, void *);                                              \
		va_end(rest);                                                                 \
		return duplicate(real, file, command, argument, __builtin_return_address(0)); \
	}

WRAP_FCNTL(fcntl)
WRAP_FCNTL(fcntl64)
