/* SPDX-License-Identifier: BSD-3-Clause */
/* DPDK's environment abstraction layer, started with arguments that suit the devices. */
#ifndef UDPECHO_EAL_H
#define UDPECHO_EAL_H

#include <sched.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

/**
 * Starts EAL with one worker lcore, numbered from 1, on each of CORES; the main lcore, 0, may run
 * wherever the process may. Can be called once in a process. 0, or -errno.
 */
int eal_start(const struct config *config, const cpu_set_t *cores, struct error *error);

/**
 * Has EAL look at its arguments, in another process, and start nothing. 0, or -errno with the error
 * that eal_start() would give.
 */
int eal_check(const struct config *config, const cpu_set_t *cores, struct error *error);

/** Stops EAL, and removes what it left in the file system. */
void eal_stop(void);

#endif
