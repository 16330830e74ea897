/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts DPDK's environment abstraction layer, EAL, for the devices. */
#ifndef UDPECHO_EAL_H
#define UDPECHO_EAL_H

#include <sched.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

/**
 * Starts EAL with a worker lcore, numbered from 1, on each of CORES. The main lcore, 0, runs on
 * all other cores. A process can call this once. Returns 0, or -errno.
 */
int eal_start(const struct config *config, const cpu_set_t *cores, struct error *error);

/**
 * Lets EAL read its arguments in another process, without starting. Returns 0, or -errno with the
 * error that eal_start() would give.
 */
int eal_check(const struct config *config, const cpu_set_t *cores, struct error *error);

/** Stops EAL, and removes its files. */
void eal_stop(void);

#endif
