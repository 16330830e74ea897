/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Raises the limit of open files, which each start needs. This happens before DPDK starts, because
 * DPDK reports a limit that is too low in many lines.
 */
#ifndef UDPECHO_DESCRIPTORS_H
#define UDPECHO_DESCRIPTORS_H

#include <udpecho/control/error.h>

/* EAL opens some twenty files, each queue of a device a few, and each hugepage one. */
#define DESCRIPTORS_LEAST 64

/**
 * Raises the limit of open files as far as this process may. Returns 0, -EMFILE if the limit is
 * then too low for DPDK to start, or -ENOENT if there is no /proc.
 */
int descriptors_raise(struct error *error);

#endif
