/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UDPECHO_MEMORY_H
#define UDPECHO_MEMORY_H

#include <rte_malloc.h>

/**
 * Allocates SIZE zeroed bytes on the NUMA node SOCKET, or if that has not enough memory, on any
 * other. TYPE names them in DPDK's debug output. NULL: no memory. The caller frees the bytes with
 * rte_free().
 */
static inline void *memory_near(const char *type, size_t size, int socket)
{
	void *memory = rte_zmalloc_socket(type, size, RTE_CACHE_LINE_SIZE, socket);

	return memory != NULL ? memory : rte_zmalloc(type, size, RTE_CACHE_LINE_SIZE);
}

#endif
