/* SPDX-License-Identifier: BSD-3-Clause */
/* Which cores poll, and on which NUMA node they are. */
#ifndef UDPECHO_CORES_H
#define UDPECHO_CORES_H

#include <sched.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

#define CORES_MAX 64 /* that poll, one worker on each */

/**
 * The cores that poll: those that the operator names; else one for each device, on its NUMA node.
 * 0, or -EINVAL where the operator names one that this process may not use.
 */
int cores_pick(cpu_set_t *cores, const struct config *config, struct error *error);

/**
 * One core of ALLOWED for each of COUNT devices, while there are enough: on its node where that is
 * known (not negative) and has one; the last ones, so that the first stay free for the main thread
 * and the kernel, of which one is spared where there are two or more. NODE_OF tells the node of a
 * core of MACHINE, whatever that is to it.
 */
void cores_choose(cpu_set_t *cores, const cpu_set_t *allowed, const int nodes[], unsigned int count,
	int (*node_of)(int core, const void *machine), const void *machine);

/** The NUMA node of a core; 0 where there is only one. */
int cores_node(int core);

/** The core number INDEX of a set, from 0; -1: it has fewer. */
int cores_nth(const cpu_set_t *cores, unsigned int index);

struct cores_text {
	char text[256];
};

/** "1,3-5"; what is too long ends in "..." */
struct cores_text cores_list(const cpu_set_t *cores);

#endif
