/* SPDX-License-Identifier: BSD-3-Clause */
/* The capabilities(7) of this process. */
#ifndef UDPECHO_PRIVILEGE_H
#define UDPECHO_PRIVILEGE_H

#include <stdint.h>

#include <linux/capability.h>

#include <udpecho/control/error.h>

#define PRIVILEGE(capability) (UINT64_C(1) << (capability))

/**
 * Gives up all capabilities except KEEP, a set of PRIVILEGE()s, and the right to gain others
 * (no_new_privs), in all threads, and so in the threads that they start. Returns 0, or -errno.
 */
int privilege_drop(uint64_t keep, struct error *error);

#endif
