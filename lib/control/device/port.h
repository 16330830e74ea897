/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port of DPDK's is asked for: queues, offloads, and to let in what is for us. */
#ifndef UDPECHO_PORT_H
#define UDPECHO_PORT_H

#include <udpecho/control/device.h>

/** How many of the WANTED queues DEVICE, whose PORT this is, can have and make use of. */
unsigned int port_count_queues(const struct device *device, uint16_t port, unsigned int wanted);

/**
 * Configures PORT, one of DEVICE's, with the queues that DEVICE has, and with what offloads there
 * is a use for. 0, or -errno.
 */
int port_configure(struct device *device, uint16_t port, struct error *error);

/** Has PORT, which is started, let in frames of every VLAN: 0, or -errno. */
int port_admit_vlans(uint16_t port, struct error *error);

#endif
