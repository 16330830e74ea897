/* SPDX-License-Identifier: BSD-3-Clause */
/* Configures a port of DPDK: queues, offloads and VLANs. */
#ifndef UDPECHO_PORT_H
#define UDPECHO_PORT_H

#include <udpecho/control/device.h>

/** Returns how many of the WANTED queues PORT of DEVICE can have and use. */
unsigned int port_count_queues(const struct device *device, uint16_t port, unsigned int wanted);

/**
 * Configures PORT of DEVICE with the queues of DEVICE and the offloads that we use. Returns 0, or
 * -errno.
 */
int port_configure(struct device *device, uint16_t port, struct error *error);

/** Lets PORT receive frames of every VLAN. It must be started. Returns 0, or -errno. */
int port_admit_vlans(uint16_t port, struct error *error);

#endif
