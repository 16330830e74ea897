/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a device could not be opened: drivers say what failed, and seldom what was missing. */
#ifndef UDPECHO_OBSTACLE_H
#define UDPECHO_OBSTACLE_H

#include <udpecho/device.h>

/**
 * Puts what of the machine kept DEVICE, whose ports are still open, from being opened into ERROR,
 * in place of its driver's words; where that is not to be found, these stay. Points to the doctor.
 */
void obstacle_explain(const struct device *device, struct error *error);

#endif
