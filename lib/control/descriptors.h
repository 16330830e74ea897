/* SPDX-License-Identifier: BSD-3-Clause */
/* What every start needs of the process, before there is anything of DPDK to say so in many lines.
 */
#ifndef UDPECHO_DESCRIPTORS_H
#define UDPECHO_DESCRIPTORS_H

#include <udpecho/control/error.h>

#define DESCRIPTORS_LEAST \
	64 /* EAL has some twenty, each queue of a device a few, each hugepage one */

/**
 * Raises the limit of open files where it can be. 0; or -EMFILE where that is too few
 * for DPDK to start, -ENOENT where there is no /proc.
 */
int descriptors_raise(struct error *error);

#endif
