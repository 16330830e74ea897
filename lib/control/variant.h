/* SPDX-License-Identifier: BSD-3-Clause */
/* Which variant of lib/packet answers the plain frames. */
#ifndef CONTROL_VARIANT_H
#define CONTROL_VARIANT_H

#include <udpecho/control/error.h>
#include <udpecho/packet/plain.h>

/**
 * FORCED, or where that is NULL the one with the widest vectors that the CPU has and EAL allows
 * (--force-max-simd-bitwidth; 256 bits unless it is given). NULL: the CPU lacks the forced one.
 * After rte_eal_init().
 */
const struct variant *variant_choose(const struct variant *forced, struct error *error);

#endif
