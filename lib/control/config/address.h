/* SPDX-License-Identifier: BSD-3-Clause */
/* Which addresses a device may answer for. */
#ifndef UDPECHO_ADDRESS_H
#define UDPECHO_ADDRESS_H

#include <udpecho/control/config.h>

/**
 * Adds TEXT, "198.18.0.2/24", to DEVICE, unless it has it already. 0; or -EINVAL where it is none
 * that a host may have (RFC 1122 3.2.1.3), the device has it with another prefix, or has no room.
 */
int address_add(struct config_device *device, const char *text, struct error *error);

#endif
