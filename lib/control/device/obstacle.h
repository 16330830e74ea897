/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds out why a device could not be opened. Drivers say what failed, but seldom what was missing.
 */
#ifndef UDPECHO_OBSTACLE_H
#define UDPECHO_OBSTACLE_H

#include <udpecho/control/device.h>

#include "device/condition.h"
#include "device/xdp.h"

/**
 * Replaces the driver's message in ERROR by what prevented the open of DEVICE, whose ports are
 * still open. If it finds nothing, the message stays. It adds that the doctor may help.
 */
void obstacle_explain(const struct device *device, struct error *error);

/** Sets CONDITION to what of XDP prevents AF_XDP on the interface NAME. Returns false if nothing.
 */
bool obstacle_of_xdp(const char *name, const struct xdp *xdp, struct condition *condition);

/**
 * Checks whether AF_XDP's driver can use the interface, before it starts: if it fails, it detaches
 * the program of others. Returns 0, or -errno.
 */
int obstacle_check_xdp(struct device *device, struct error *error);

/** Adds to ERROR that the doctor checks the device. */
void obstacle_point(const struct config_device *config, struct error *error);

#endif
