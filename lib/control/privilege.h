/* SPDX-License-Identifier: BSD-3-Clause */
/* What the process may do that others may not: capabilities(7). */
#ifndef UDPECHO_PRIVILEGE_H
#define UDPECHO_PRIVILEGE_H

#include <stdint.h>

#include <linux/capability.h>

#include <udpecho/control/error.h>

#define PRIVILEGE(capability) (UINT64_C(1) << (capability))

/**
 * Gives up all capabilities but those in KEEP, a set of PRIVILEGE()s, and the way to new ones
 * (no_new_privs); in every thread that there is, and so in those that they make. 0, or -errno.
 */
int privilege_drop(uint64_t keep, struct error *error);

#endif
