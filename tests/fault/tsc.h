/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TSC, read as the test wants it to be: the kernel has each reading of this thread trapped, and
 * the trap says what was read.
 */
#ifndef FAULT_TSC_H
#define FAULT_TSC_H

#include <stdbool.h>
#include <stdint.h>

/** Whether this machine and its kernel can do that. */
bool tsc_can_be_set(void);

/** From now on this thread reads VALUE, and with each reading STEP more. */
void tsc_set(uint64_t value, uint64_t step);

/** From now on it reads what there is. */
void tsc_release(void);

#endif
