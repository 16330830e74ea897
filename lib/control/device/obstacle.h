/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a device could not be opened: drivers say what failed, and seldom what was missing. */
#ifndef UDPECHO_OBSTACLE_H
#define UDPECHO_OBSTACLE_H

#include <udpecho/control/device.h>

#include "device/condition.h"
#include "device/xdp.h"

/**
 * Puts what of the machine kept DEVICE, whose ports are still open, from being opened into ERROR,
 * in place of its driver's words; where that is not to be found, these stay. Points to the doctor.
 */
void obstacle_explain(const struct device *device, struct error *error);

/** What of XDP keeps AF_XDP's driver from the interface NAME. False: nothing. */
bool obstacle_of_xdp(const char *name, const struct xdp *xdp, struct condition *condition);

/**
 * Whether AF_XDP's driver can have the interface: looked at before it could take off the program
 * of others, as it does when it fails. 0, or -errno.
 */
int obstacle_check_xdp(struct device *device, struct error *error);

/** Has ERROR point to what the doctor says of the device. */
void obstacle_point(const struct config_device *config, struct error *error);

#endif
