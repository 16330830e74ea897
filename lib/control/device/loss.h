/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames that the kernel lost on their way to a driver of its interfaces, which does not say so. */
#ifndef UDPECHO_LOSS_H
#define UDPECHO_LOSS_H

#include <stdint.h>

#include <udpecho/control/device.h>

struct loss;

/**
 * Begins to count for the open DEVICE, from 0. NULL: there is nothing to count, as the kernel has
 * no part in it, or no memory.
 */
struct loss *loss_open(const struct device *device);

/**
 * How many frames were lost so far: DRIVER, what the driver says, and what only the kernel knows.
 * Not by two threads at once: some counters of the kernel's begin again when they are read. LOSS
 * may be NULL.
 */
uint64_t loss_count(struct loss *loss, uint64_t driver);

/** Before the driver closes its sockets. NULL is allowed. */
void loss_close(struct loss *loss);

#endif
