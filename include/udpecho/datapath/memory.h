/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef UDPECHO_MEMORY_H
#define UDPECHO_MEMORY_H

#include <rte_malloc.h>

/**
 * SIZE zeroed bytes on the NUMA node SOCKET, or, where that has none, on any other, as farther away
 * is better than not at all; TYPE is for DPDK's accounts. NULL: there are none. To be freed with
 * rte_free().
 */
static inline void *memory_near(const char *type, size_t size, int socket)
{
	void *memory = rte_zmalloc_socket(type, size, RTE_CACHE_LINE_SIZE, socket);

	return memory != NULL ? memory : rte_zmalloc(type, size, RTE_CACHE_LINE_SIZE);
}

#endif
