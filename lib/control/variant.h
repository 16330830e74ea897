/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses the variant of lib/packet that answers plain frames. */
#ifndef CONTROL_VARIANT_H
#define CONTROL_VARIANT_H

#include <udpecho/control/error.h>
#include <udpecho/packet/plain.h>

/**
 * Returns FORCED or, if it is NULL, the variant with the widest vectors that the CPU has and EAL
 * allows (--force-max-simd-bitwidth, by default 256 bits). Returns NULL with an error if the CPU
 * lacks FORCED. EAL must have started.
 */
const struct variant *variant_choose(const struct variant *forced, struct error *error);

#endif
