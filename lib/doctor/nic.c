/* SPDX-License-Identifier: BSD-3-Clause */
/* NICs: what stands between one and us, and how it is connected. */
#include <string.h>

#include <udpecho/control/device.h>

#include "doctor/checks.h"
#include "doctor/tree.h"

#define PCI "/sys/bus/pci/devices"

/* DPDK's drivers for these work beside the kernel's. */
static const char *const bifurcated[] = {"mlx4_core", "mlx5_core"};
static const char *const handed_over[] = {"vfio-pci", "igb_uio", "uio_pci_generic"};

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

static bool is_one_of(const char *name, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

struct driver_name {
	char text[32]; /* "": none */
};

static struct driver_name driver_of(const struct machine *machine, const char *pci)
{
	struct driver_name driver = {""};

	tree_link(machine, driver.text, sizeof(driver.text), PCI "/%s/driver", pci);
	return driver;
}

static bool is_ready(const struct machine *machine, const char *pci)
{
	const struct driver_name driver = driver_of(machine, pci);

	return IS_ONE_OF(driver.text, bifurcated) || IS_ONE_OF(driver.text, handed_over);
}

static bool is_bifurcated(const struct machine *machine, const char *pci)
{
	return IS_ONE_OF(driver_of(machine, pci).text, bifurcated);
}

bool doctor_is_bifurcated(const struct doctor *doctor)
{
	unsigned int count = 0;

	for (unsigned int i = 1; i < doctor->subject_count; i++) {
		const struct subject *subject = &doctor->subjects[i];

		if (subject->device == NULL || !subject->device->kind->pci)
			continue;
		if (!is_bifurcated(doctor->machine, subject->pci))
			return false;
		count++;
	}
	return count > 0;
}

int doctor_nic_node(const struct machine *machine, const char *pci)
{
	return pci[0] == '\0' ? -1 : (int)tree_number(machine, -1, PCI "/%s/numa_node", pci);
}

void doctor_find_interface(const struct machine *machine, const char *pci, char *name, size_t size)
{
	glob_t found;

	/* A virtio NIC's is that of the virtio device within. */
	tree_glob(machine, &found, PCI "/%s{,/virtio*}/net/*", pci);
	snprintf(name, size, "%s", found.gl_pathc > 0 ? tree_name(found.gl_pathv[0]) : "");
	globfree(&found);
}

/* Whether WHOLE is the interface, or made of it: a bond, a bridge, a VLAN. */
/* NOLINTNEXTLINE(misc-no-recursion): interfaces are stacked a few high, and never in a ring */
static bool is_part(const struct machine *machine, const char *interface, const char *whole)
{
	bool found = strcmp(interface, whole) == 0;
	glob_t lower;

	if (found)
		return true;
	tree_glob(machine, &lower, "/sys/class/net/%s/lower_*", whole);
	for (size_t i = 0; i < lower.gl_pathc && !found; i++)
		found = is_part(
			machine, interface, tree_name(lower.gl_pathv[i]) + strlen("lower_"));
	globfree(&lower);
	return found;
}

bool doctor_is_management(const struct machine *machine, const char *interface)
{
	bool found = false;
	glob_t all;

	tree_glob(machine, &all, "/sys/class/net/*");
	for (size_t i = 0; i < all.gl_pathc && !found && interface[0] != '\0'; i++) {
		const char *name = tree_name(all.gl_pathv[i]);

		found = machine->is_default_route(name) && is_part(machine, interface, name);
	}
	globfree(&all);
	return found;
}

/* Of what the kernel registers for the first network namespace alone (net/core). */
static bool is_first_namespace(const struct machine *machine)
{
	return tree_has(machine, "/proc/sys/net/core/netdev_budget");
}

enum use {
	USE_READY,      /* its driver is one of DPDK's, or works beside one */
	USE_FREE,       /* the kernel's, which can be told not to need it */
	USE_MANAGEMENT, /* the machine is reached through it */
	USE_AWAY,       /* the kernel's, in another network namespace */
	USE_UNSEEN,     /* this network namespace does not tell */
};

static enum use use_of(const struct machine *machine, const char *pci)
{
	char interface[16];

	doctor_find_interface(machine, pci, interface, sizeof(interface));
	if (is_ready(machine, pci) && !doctor_is_management(machine, interface))
		return USE_READY;
	if (!is_first_namespace(machine))
		return USE_UNSEEN;
	if (doctor_is_management(machine, interface))
		return USE_MANAGEMENT;
	return interface[0] == '\0' && driver_of(machine, pci).text[0] != '\0' ? USE_AWAY
									       : USE_FREE;
}

bool doctor_may_bind(const struct machine *machine, const char *pci)
{
	return use_of(machine, pci) == USE_FREE;
}

/* The first that is in this use; NULL: none is. */
static const struct subject *find_nic(const struct doctor *doctor, enum use use)
{
	for (unsigned int i = 1; i < doctor->subject_count; i++)
		if (use_of(doctor->machine, doctor->subjects[i].pci) == use)
			return &doctor->subjects[i];
	return NULL;
}

void doctor_check_nics(struct doctor *doctor, const struct subject *machine)
{
	const struct subject *ready = find_nic(doctor, USE_READY);
	const struct subject *free = find_nic(doctor, USE_FREE);
	const unsigned int count = doctor->subject_count - 1;
	const struct condition elsewhere = condition_namespace();

	(void)machine;
	if (doctor->config->device_count > 0)
		return; /* they are named, and looked at one by one */
	if (ready != NULL) {
		doctor_say(doctor, DOCTOR_OK, "%s is ready: -d pci:%s", ready->pci, ready->pci);
	} else if (count > 0 && !is_first_namespace(doctor->machine)) {
		doctor_say_condition(doctor, DOCTOR_UNSEEN, &elsewhere);
	} else if (free != NULL) {
		doctor_say(
			doctor, DOCTOR_STOP, "of %u none is ready; %s could be", count, free->pci);
		doctor_mend(doctor, "dpdk-devbind.py -b vfio-pci %s", free->pci);
	} else {
		doctor_say(doctor, DOCTOR_STOP,
			count == 0 ? "there is none on PCI"
			: find_nic(doctor, USE_AWAY) != NULL
				? "there is none but what is in use in another network namespace"
				: "there is none but the one that you reach the machine through");
		doctor_mend(doctor,
			"udpechod --doctor -d af_xdp:IFACE # an interface of the kernel; or add a "
			"NIC");
	}
}

/* Of a NIC that is there. ASKED: how bad it is not to have it. */
static void judge_use(struct doctor *doctor, const struct subject *subject, enum doctor_grade asked)
{
	const struct driver_name driver = driver_of(doctor->machine, subject->pci);
	const char *as = subject->interface[0] != '\0' ? subject->interface : "no interface";
	const struct condition unseen = condition_namespace(), away = condition_away(),
			       management = condition_management();

	switch (use_of(doctor->machine, subject->pci)) {
	case USE_READY:
		if (IS_ONE_OF(driver.text, bifurcated))
			doctor_say(
				doctor, DOCTOR_OK, "%s, bifurcated: it stays %s", driver.text, as);
		else
			doctor_say(doctor, DOCTOR_OK, "%s", driver.text);
		break;
	case USE_FREE:
		doctor_say(doctor, asked, "%s, as %s%s",
			driver.text[0] != '\0' ? driver.text : "none", as,
			subject->device == NULL ? ": it could be taken" : "");
		doctor_mend(doctor, "dpdk-devbind.py -b vfio-pci %s", subject->pci);
		break;
	case USE_MANAGEMENT:
		doctor_say(doctor, asked, "%s, as %s: %s", driver.text, as, management.text);
		if (asked != DOCTOR_OK)
			doctor_mend(doctor, "%s", management.fix);
		break;
	case USE_AWAY:
		doctor_say(doctor, asked == DOCTOR_OK ? DOCTOR_UNSEEN : asked, "%s: %s",
			driver.text, away.text);
		doctor_mend(doctor, "%s", away.fix);
		break;
	case USE_UNSEEN:
		doctor_say_condition(doctor, DOCTOR_UNSEEN, &unseen);
	}
}

void doctor_check_driver(struct doctor *doctor, const struct subject *subject)
{
	const struct condition none = condition_no_pci();

	if (!tree_has(doctor->machine, PCI "/%s", subject->pci)) {
		doctor_say_condition(doctor, DOCTOR_STOP, &none);
		return;
	}
	judge_use(doctor, subject, subject->device == NULL ? DOCTOR_OK : DOCTOR_STOP);
}
