/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts frames that the kernel lost before they reached the driver, which does not count them. */
#ifndef UDPECHO_LOSS_H
#define UDPECHO_LOSS_H

#include <stdint.h>

#include <udpecho/control/device.h>

struct loss;

/**
 * Begins to count for the open DEVICE, from 0. Returns NULL if the kernel does not handle its
 * frames, or without memory.
 */
struct loss *loss_open(const struct device *device);

/**
 * Returns how many frames were lost so far: DRIVER, the driver's count, and those that only the
 * kernel counts. Reading sets some counters of the kernel to 0, so only one thread may call this at
 * a time. LOSS may be NULL.
 */
uint64_t loss_count(struct loss *loss, uint64_t driver);

/** Ends counting. Call it before the driver closes its sockets. LOSS may be NULL. */
void loss_close(struct loss *loss);

#endif
