/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include <rte_pci.h>

#include "device/node.h"

/* Returns the number in the file PATH, or a negative number if there is none. */
static int read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	int number = -1;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%d", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

int node_of_pci(const struct config_device *config)
{
	struct rte_pci_addr address;
	char path[64];

	if (rte_pci_addr_parse(config->name, &address) != 0)
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/" PCI_PRI_FMT "/numa_node",
		address.domain, address.bus, address.devid, address.function);
	return read_number(path);
}

int node_of_interface(const struct config_device *config)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/device/numa_node", config->name);
	return read_number(path);
}
