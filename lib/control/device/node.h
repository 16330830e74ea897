/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads from sysfs which NUMA node a device is near. */
#ifndef UDPECHO_NODE_H
#define UDPECHO_NODE_H

#include <udpecho/control/config.h>

/** Returns the node of the NIC at PCI address config->name, or -1 if sysfs has none. */
int node_of_pci(const struct config_device *config);

/** Returns the node of the NIC behind interface config->name, or -1 if sysfs has none. */
int node_of_interface(const struct config_device *config);

#endif
