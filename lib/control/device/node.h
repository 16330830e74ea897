/* SPDX-License-Identifier: BSD-3-Clause */
/* The NUMA node that a device is near, as sysfs has it. */
#ifndef UDPECHO_NODE_H
#define UDPECHO_NODE_H

#include <udpecho/control/config.h>

/** That of the NIC with the PCI address config->name; negative: unknown, or all are alike. */
int node_of_pci(const struct config_device *config);

/** That of the NIC of the interface config->name; negative: unknown, or it is none of a NIC. */
int node_of_interface(const struct config_device *config);

#endif
