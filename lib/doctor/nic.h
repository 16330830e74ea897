/* SPDX-License-Identifier: BSD-3-Clause */
/* Who has a NIC, and what keeps it from being taken. */
#ifndef UDPECHO_DOCTOR_NIC_H
#define UDPECHO_DOCTOR_NIC_H

#include "doctor/findings.h"

enum nic_use {
	NIC_OURS,       /* its driver is one of DPDK's */
	NIC_FREE,       /* the kernel's, which can do without it, or nobody's */
	NIC_MEMBER,     /* the kernel's, as a part of a bond or a bridge */
	NIC_ADDRESSED,  /* the kernel's, with addresses */
	NIC_MANAGEMENT, /* the machine is reached through it */
	NIC_AWAY,       /* the kernel's, in another network namespace */
	NIC_UNSEEN,     /* this network namespace does not tell */
};

/** Of each use, as reports have it. */
extern const char *const nic_use_names[];

struct nic {
	char driver[32]; /* "": none */
	enum nic_use use;
	bool is_bifurcated;   /* DPDK's driver works beside the kernel's */
	bool is_management;   /* whatever the use is */
	struct condition why; /* of a use that keeps it from being taken */
};

/** Looks at the NIC with the PCI address. */
struct nic nic_look(const struct machine *machine, const char *pci);

/* Another device of a NIC's IOMMU group, with the driver of the kernel that has it. */
struct neighbour {
	char pci[24];
	char driver[32];
};

/** Fills NEIGHBOURS with up to ROOM devices that go where the NIC goes; returns how many. */
size_t nic_neighbours(
	const struct machine *machine, const char *pci, struct neighbour *neighbours, size_t room);

/* Hugepages of 2 MiB that are the nearest to a NIC. */
struct near_pages {
	int node; /* negative: the kernel has no nodes */
	long total, free;
	bool is_mounted;
};

/** Counts them; false: the kernel has none there. */
bool nic_near_pages(const struct machine *machine, const char *pci, struct near_pages *pages);

#endif
