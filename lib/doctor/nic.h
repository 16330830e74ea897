/* SPDX-License-Identifier: BSD-3-Clause */
/* Who uses a NIC, and whether udpechod may take it. */
#ifndef UDPECHO_DOCTOR_NIC_H
#define UDPECHO_DOCTOR_NIC_H

#include <glob.h>

#include "doctor/findings.h"

/* Who uses the NIC. */
enum nic_use {
	NIC_OURS,       /* nobody: a driver for DPDK has it */
	NIC_FREE,       /* the kernel, which can do without it, or nobody */
	NIC_MEMBER,     /* the kernel, as a part of a bond or a bridge */
	NIC_ADDRESSED,  /* the kernel, with addresses */
	NIC_TAKEN,      /* a udpechod, through the kernel */
	NIC_MANAGEMENT, /* whoever reaches the machine through it */
	NIC_AWAY,       /* the kernel, in another network namespace */
	NIC_UNSEEN,     /* unknown: this network namespace does not tell */
};

/** The name of each use, as reports have it. */
extern const char *const nic_use_names[];

struct nic {
	char driver[32];    /* "": none */
	char interface[16]; /* of several the one that WHY is about, or the first; "": none */
	enum nic_use use;
	bool is_bifurcated;   /* DPDK's driver for it works beside the kernel's */
	bool is_management;   /* you reach the machine through it, whatever its use is */
	struct condition why; /* why udpechod may not take it */
};

/** Looks at the NIC with the PCI address. */
struct nic nic_look(const struct machine *machine, const char *pci);

/** Finds all interfaces of the NIC, as tree_glob() does. */
void nic_interfaces(const struct machine *machine, const char *pci, glob_t *found);

#define NEIGHBOURS_MAX 32

/* Another device in a NIC's IOMMU group, and the kernel's driver that has it. */
struct neighbour {
	char pci[24];
	char driver[32];
};

/** Fills NEIGHBOURS with up to ROOM devices of the NIC's IOMMU group. Returns how many. */
size_t nic_neighbours(
	const struct machine *machine, const char *pci, struct neighbour *neighbours, size_t room);

/* The hugepages of 2 MiB that are nearest to a NIC. */
struct near_pages {
	int node; /* negative: the kernel has no nodes */
	long total, free;
	bool is_mounted;
};

/** Counts the hugepages nearest to the NIC. False: the kernel has none of that size there. */
bool nic_near_pages(const struct machine *machine, const char *pci, struct near_pages *pages);

#endif
