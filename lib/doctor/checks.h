/* SPDX-License-Identifier: BSD-3-Clause */
/* The checks, and what they share about the machine. */
#ifndef UDPECHO_DOCTOR_CHECKS_H
#define UDPECHO_DOCTOR_CHECKS_H

#include "doctor/findings.h"

/** Sets doctor->cores. */
void doctor_pick_cores(struct doctor *doctor);

/** The NUMA node of a core; 0 if the machine has only one. */
int doctor_core_node(const struct machine *machine, int core);

/** The NUMA node of the PCI device; negative: none, or unknown. */
int doctor_nic_node(const struct machine *machine, const char *pci);

/** Whether the drivers of all NICs of the configuration are bifurcated, so that none needs vfio. */
bool doctor_is_bifurcated(const struct doctor *doctor);

/**
 * Whether you reach the machine through the interface: it, or a bond, a bridge or a VLAN above it,
 * has the default route, or the route to a host from which somebody is logged in by SSH.
 */
bool doctor_is_management(const struct machine *machine, const char *interface);

/** Whether the NIC may be bound to vfio-pci: nothing else is known to use it. */
bool doctor_may_bind(const struct machine *machine, const char *pci);

/** Fills NAME with the kernel's interface of the PCI device, the first of several, or "". */
void doctor_find_interface(const struct machine *machine, const char *pci, char *name, size_t size);

/** Whether the interface is one of the PCI device's. */
bool doctor_has_interface(const struct machine *machine, const char *pci, const char *interface);

/** Whether a udpechod that runs has the interface: 1, 0, or negative: unknown. */
int doctor_find_owner(const struct machine *machine, const char *interface);

#define DOCTOR_CHECK(identifier, name, scope, text) \
	void doctor_check_##identifier(struct doctor *doctor, const struct subject *subject);
#include "doctor/doctor.def"
#undef DOCTOR_CHECK

#endif
