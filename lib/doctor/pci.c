/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of what lies between a NIC and memory: IOMMU, vfio, NUMA node, PCIe link. */
#include <stdlib.h>
#include <string.h>

#include "cores.h"
#include "doctor/checks.h"
#include "doctor/nic.h"
#include "doctor/tree.h"

#define PCI "/sys/bus/pci/devices"

void doctor_check_iommu(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	char unsafe[8] = "", line[4096];
	glob_t groups;
	size_t count;

	(void)subject;
	tree_glob(machine, &groups, "/sys/kernel/iommu_groups/[0-9]*");
	count = groups.gl_pathc;
	globfree(&groups);
	tree_read(machine, unsafe, sizeof(unsafe),
		"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
	if (count > 0) {
		doctor_say(doctor, DOCTOR_OK, "on, with %zu groups", count);
	} else if (doctor_is_bifurcated(doctor)) {
		doctor_say(doctor, DOCTOR_OK, "off; a bifurcated driver does not need it");
	} else if (strcmp(unsafe, "Y") == 0) {
		doctor_say(doctor, DOCTOR_RISK,
			"off, and vfio works without it: a NIC may write to all memory");
		doctor_fix_kernel(doctor, "intel_iommu=on iommu=pt");
	} else if (tree_has(machine, "/sys/firmware/acpi/tables/DMAR")) {
		doctor_say(doctor, DOCTOR_STOP, "on in the firmware, but the kernel has it off");
		doctor_fix_kernel(doctor, "intel_iommu=on iommu=pt");
	} else if (tree_has(machine, "/sys/firmware/acpi/tables/IVRS")) {
		doctor_say(doctor, DOCTOR_STOP, "on in the firmware, but the kernel has it off");
		doctor_fix(doctor, "sed -i -E 's/ ?(amd_)?iommu=off//' /etc/default/grub && "
				   "update-grub && reboot");
	} else if (tree_find(machine, line, sizeof(line), "flags* hypervisor*", "/proc/cpuinfo") >
		   0) {
		doctor_say(doctor, DOCTOR_STOP, "this virtual machine has no IOMMU");
		doctor_fix(doctor, "modprobe vfio enable_unsafe_noiommu_mode=1 # or give the "
				   "machine one (QEMU: -device intel-iommu,intremap=on)");
	} else {
		doctor_say(doctor, DOCTOR_STOP, "off in the firmware");
		doctor_fix(doctor, "# in the BIOS, switch on VT-d (Intel) or AMD-Vi, IOMMU (AMD)");
	}
}

void doctor_check_vfio(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	char release[128], line[512];

	(void)subject;
	if (tree_has(machine, "/sys/bus/pci/drivers/vfio-pci")) {
		doctor_say(doctor, DOCTOR_OK, "the kernel has vfio-pci");
		return;
	}
	if (doctor_is_bifurcated(doctor)) {
		doctor_say(doctor, DOCTOR_OK, "no vfio-pci; a bifurcated driver does not need it");
		return;
	}
	tree_read(machine, release, sizeof(release), "/proc/sys/kernel/osrelease");
	if (tree_find(machine, line, sizeof(line), "*/vfio-pci.ko*", "/lib/modules/%s/modules.dep",
		    release) > 0) {
		doctor_say(doctor, DOCTOR_STOP, "vfio-pci is not loaded");
		doctor_fix(doctor, "modprobe vfio-pci && echo vfio-pci "
				   ">/etc/modules-load.d/vfio-pci.conf");
	} else {
		doctor_say(doctor, DOCTOR_STOP, "this kernel has no vfio-pci");
		doctor_fix(doctor, "apt-get update && apt-get install linux-image-amd64 && reboot");
	}
}

/* All devices of an IOMMU group reach the same memory: the kernel must not use the others. */
size_t nic_neighbours(
	const struct machine *machine, const char *pci, struct neighbour *neighbours, size_t room)
{
	char group[16];
	size_t count = 0;
	glob_t members;

	if (!tree_link(machine, group, sizeof(group), PCI "/%s/iommu_group", pci))
		return 0;
	tree_glob(machine, &members, "/sys/kernel/iommu_groups/%s/devices/*", group);
	for (size_t i = 0; i < members.gl_pathc && count < room; i++) {
		struct neighbour *one = &neighbours[count];

		snprintf(one->pci, sizeof(one->pci), "%.23s", tree_name(members.gl_pathv[i]));
		/* A bridge in the group does no harm: vfio ignores bridges. */
		if (strcmp(one->pci, pci) != 0 &&
			tree_number(machine, 0, PCI "/%s/class", one->pci) >> 16 != 0x06 &&
			tree_link(machine, one->driver, sizeof(one->driver), PCI "/%s/driver",
				one->pci) &&
			strcmp(one->driver, "vfio-pci") != 0)
			count++;
	}
	globfree(&members);
	return count;
}

void doctor_check_group(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	struct neighbour others[NEIGHBOURS_MAX];
	char group[16], all[NEIGHBOURS_MAX * (sizeof(others[0].pci) + 1)] = "";
	size_t count, first = 0;
	bool may_bind = true;

	if (!tree_link(machine, group, sizeof(group), PCI "/%s/iommu_group", subject->pci))
		return; /* the check of the IOMMU has said it */
	count = nic_neighbours(machine, subject->pci, others, NEIGHBOURS_MAX);
	if (count == 0) {
		doctor_say(doctor, DOCTOR_OK, "group %s, and the kernel uses nothing else in it",
			group);
		return;
	}
	for (size_t i = 0; i < count && may_bind; i++) {
		const size_t length = strlen(all);

		snprintf(all + length, sizeof(all) - length, " %.*s",
			(int)sizeof(others[i].pci) - 1, others[i].pci);
		may_bind = doctor_may_bind(machine, others[i].pci);
		first = may_bind ? 0 : i;
	}
	doctor_say(doctor, subject->device == NULL ? DOCTOR_RISK : DOCTOR_STOP,
		"group %s, like %s, which the kernel uses (%s): a group goes as a whole", group,
		others[first].pci, others[first].driver);
	if (may_bind)
		doctor_fix(doctor, "dpdk-devbind.py -b vfio-pci %s%s", subject->pci, all);
	else
		doctor_fix(doctor, "# use another NIC, or another slot for this one");
}

void doctor_check_numa(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	const int node = doctor_nic_node(machine, subject->pci);
	cpu_set_t near, both;
	char distances[256], *rest = distances;
	long distance = 0;
	int core, far;

	if (node < 0) {
		doctor_say(doctor, DOCTOR_OK, "near every core");
		return;
	}
	tree_cores(machine, &near, "/sys/devices/system/node/node%d/cpulist", node);
	if (subject->device == NULL) { /* no cores are picked for it */
		doctor_say(doctor, DOCTOR_OK, "on node %d, with core %s", node,
			cores_list(&near).text);
		return;
	}
	CPU_AND(&both, &near, &doctor->cores);
	if (CPU_COUNT(&both) > 0) {
		doctor_say(doctor, DOCTOR_OK, "on node %d, as core %s, which polls", node,
			cores_list(&both).text);
		return;
	}
	core = cores_nth(&doctor->cores, 0);
	far = doctor_core_node(machine, core);
	tree_read(machine, distances, sizeof(distances), "/sys/devices/system/node/node%d/distance",
		node);
	for (int i = 0; i <= far; i++)
		distance = strtol(rest, &rest, 10);
	doctor_say(doctor, DOCTOR_SLOW,
		"on node %d, but core %d, which polls, is on node %d: distance %ld, not 10", node,
		core, far, distance);
	doctor_fix(doctor, "udpechod --cores=%s # or some of these", cores_list(&near).text);
}

void doctor_check_pcie(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	const char *pci = subject->pci;
	char now[64], most[64];
	const long width = tree_number(machine, 0, PCI "/%s/current_link_width", pci);
	const long lanes = tree_number(machine, 0, PCI "/%s/max_link_width", pci);
	double speed = 0, fastest = 0;

	/* "8.0 GT/s PCIe", or "Unknown" */
	tree_read(machine, now, sizeof(now), PCI "/%s/current_link_speed", pci);
	tree_read(machine, most, sizeof(most), PCI "/%s/max_link_speed", pci);
	sscanf(now, "%lf", &speed);
	sscanf(most, "%lf", &fastest);
	if (width <= 0 || lanes <= 0 || lanes > 32 || speed <= 0 || fastest <= 0) {
		doctor_say(
			doctor, DOCTOR_UNSEEN, "the NIC does not tell: it is emulated or virtual");
	} else if (width >= lanes && speed >= fastest) {
		doctor_say(doctor, DOCTOR_OK, "x%ld at %g GT/s, its full speed", width, speed);
	} else {
		doctor_say(doctor, DOCTOR_SLOW,
			"x%ld of x%ld at %g of %g GT/s: %.0f %% of its speed", width, lanes, speed,
			fastest, 100 * (double)width * speed / ((double)lanes * fastest));
		doctor_fix(doctor, "lspci -vv -s %s # LnkCap and LnkSta: use another slot", pci);
	}
}
