/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the cores that poll, and finds their NUMA nodes. */
#ifndef UDPECHO_CORES_H
#define UDPECHO_CORES_H

#include <sched.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

#define CORES_MAX 64 /* cores that poll, with one worker on each */

/**
 * Picks the cores that poll: those that CONFIG names, or else one for each device, on its NUMA
 * node. Returns 0, or -EINVAL if CONFIG names a core that this process may not use.
 */
int cores_pick(cpu_set_t *cores, const struct config *config, struct error *error);

/**
 * Picks one core of ALLOWED for each of COUNT devices, as long as there are enough. It prefers
 * cores on the node of the device, unless that is unknown (negative), and the last cores: the first
 * ones stay free for the main thread and the kernel. If ALLOWED has two cores or more, it leaves at
 * least one free. NODE_OF returns the node of a core; it gets MACHINE as its second argument.
 */
void cores_choose(cpu_set_t *cores, const cpu_set_t *allowed, const int nodes[], unsigned int count,
	int (*node_of)(int core, const void *machine), const void *machine);

/** Returns the NUMA node of CORE, or 0 if the machine has only one. */
int cores_node(int core);

/** Returns core number INDEX of CORES, counted from 0, or -1 if CORES has fewer. */
int cores_nth(const cpu_set_t *cores, unsigned int index);

struct cores_text {
	char text[256];
};

/** Returns CORES as "1,3-5". A list that is too long ends in "...". */
struct cores_text cores_list(const cpu_set_t *cores);

#endif
