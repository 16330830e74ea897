/* SPDX-License-Identifier: BSD-3-Clause */
/* Adds addresses to a device, and says which ones a device may have. */
#ifndef UDPECHO_ADDRESS_H
#define UDPECHO_ADDRESS_H

#include <udpecho/control/config.h>

/**
 * Adds the address TEXT, such as "198.18.0.2/24", to DEVICE, unless the device has it already.
 * Returns 0, or -EINVAL if no host may have the address (RFC 1122 3.2.1.3), or if the device has it
 * with another prefix length or has no room.
 */
int address_add(struct config_device *device, const char *text, struct error *error);

#endif
