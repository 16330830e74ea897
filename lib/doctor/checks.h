/* SPDX-License-Identifier: BSD-3-Clause */
/* The checks, and what they share about the machine. */
#ifndef UDPECHO_DOCTOR_CHECKS_H
#define UDPECHO_DOCTOR_CHECKS_H

#include "doctor/findings.h"

/** Sets doctor->cores. */
void doctor_pick_cores(struct doctor *doctor);

/** The NUMA node of a core; 0 where there is only one. */
int doctor_core_node(const struct machine *machine, int core);

/** The NUMA node of the PCI device; negative: none, or unknown. */
int doctor_nic_node(const struct machine *machine, const char *pci);

/** Whether all NICs that are asked for share theirs with the kernel, and need no vfio. */
bool doctor_is_bifurcated(const struct doctor *doctor);

/**
 * Whether the machine's default route goes through the interface, by itself or as a part, or the
 * way to who is logged in here by SSH.
 */
bool doctor_is_management(const struct machine *machine, const char *interface);

/** Whether the NIC is one that may be bound to vfio-pci: none that something is sure to use. */
bool doctor_may_bind(const struct machine *machine, const char *pci);

/** Fills NAME with the kernel's interface of the PCI device, or "". */
void doctor_find_interface(const struct machine *machine, const char *pci, char *name, size_t size);

#define DOCTOR_CHECK(identifier, name, scope, text) \
	void doctor_check_##identifier(struct doctor *doctor, const struct subject *subject);
#include "doctor/doctor.def"
#undef DOCTOR_CHECK

#endif
