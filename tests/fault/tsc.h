/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock that workers measure by, as a test wants it: linked in place of ticks_now(). */
#ifndef FAULT_TSC_H
#define FAULT_TSC_H

#include <stdint.h>

/** From now on it reads VALUE, and with each reading STEP more. */
void tsc_set(uint64_t value, uint64_t step);

/** From now on it is the TSC again. Returns how often the other was read. */
uint64_t tsc_release(void);

#endif
