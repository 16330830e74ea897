/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of NICs: who uses them, and whether udpechod may take them. */
#include <string.h>

#include <udpecho/control/device.h>

#include "doctor/checks.h"
#include "doctor/login.h"
#include "doctor/nic.h"
#include "doctor/tree.h"

#define PCI "/sys/bus/pci/devices"

/* Drivers of the kernel that DPDK's drivers work beside, and drivers that hand the NIC to DPDK. */
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

bool doctor_is_bifurcated(const struct doctor *doctor)
{
	unsigned int count = 0;

	for (unsigned int i = 1; i < doctor->subject_count; i++) {
		const struct subject *subject = &doctor->subjects[i];

		if (subject->device == NULL || !subject->device->kind->pci)
			continue;
		if (!nic_look(doctor->machine, subject->pci).is_bifurcated)
			return false;
		count++;
	}
	return count > 0;
}

int doctor_nic_node(const struct machine *machine, const char *pci)
{
	return pci[0] == '\0' ? -1 : (int)tree_number(machine, -1, PCI "/%s/numa_node", pci);
}

void nic_interfaces(const struct machine *machine, const char *pci, glob_t *found)
{
	/* The interface of a virtio NIC is below the virtio device inside. */
	tree_glob(machine, found, PCI "/%s{,/virtio*}/net/*", tree_escape(pci).text);
}

bool doctor_has_interface(const struct machine *machine, const char *pci, const char *interface)
{
	bool is_there = false;
	glob_t found;

	nic_interfaces(machine, pci, &found);
	for (size_t i = 0; i < found.gl_pathc && !is_there; i++)
		is_there = strcmp(tree_name(found.gl_pathv[i]), interface) == 0;
	globfree(&found);
	return is_there;
}

void doctor_find_interface(const struct machine *machine, const char *pci, char *name, size_t size)
{
	glob_t found;

	nic_interfaces(machine, pci, &found);
	snprintf(name, size, "%s", found.gl_pathc > 0 ? tree_name(found.gl_pathv[0]) : "");
	globfree(&found);
}

/* Whether WHOLE is the interface, or is a bond, a bridge or a VLAN above it. */
/* NOLINTNEXTLINE(misc-no-recursion): interfaces are stacked a few high, and never in a ring */
static bool is_part(const struct machine *machine, const char *interface, const char *whole)
{
	bool found = strcmp(interface, whole) == 0;
	glob_t lower;

	if (found)
		return true;
	tree_glob(machine, &lower, "/sys/class/net/%s/lower_*", tree_escape(whole).text);
	for (size_t i = 0; i < lower.gl_pathc && !found; i++)
		found = is_part(
			machine, interface, tree_name(lower.gl_pathv[i]) + strlen("lower_"));
	globfree(&lower);
	return found;
}

bool doctor_is_management(const struct machine *machine, const char *interface)
{
	char host[64];
	const bool has_login = interface[0] != '\0' && login_find(machine, host);
	/* /sys may be that of another network namespace. */
	bool found = machine->is_default_route(interface) ||
		     (has_login && machine->leads_to(interface, host));
	glob_t all;

	tree_glob(machine, &all, "/sys/class/net/*");
	for (size_t i = 0; i < all.gl_pathc && !found && interface[0] != '\0'; i++) {
		const char *name = tree_name(all.gl_pathv[i]);

		found = is_part(machine, interface, name) &&
			(machine->is_default_route(name) ||
				(has_login && machine->leads_to(name, host)));
	}
	globfree(&all);
	return found;
}

/* The kernel registers this file of net/core for the first network namespace only. */
static bool is_first_namespace(const struct machine *machine)
{
	return tree_has(machine, "/proc/sys/net/core/netdev_budget");
}

const char *const nic_use_names[] = {
	[NIC_OURS] = "ours",
	[NIC_FREE] = "free",
	[NIC_MEMBER] = "member",
	[NIC_ADDRESSED] = "addressed",
	[NIC_TAKEN] = "taken",
	[NIC_MANAGEMENT] = "management",
	[NIC_AWAY] = "away",
	[NIC_UNSEEN] = "unseen",
};

/* Sets the use if somebody uses INTERFACE, which the NIC has, or which is on one that it has. */
static void look_at_one(const struct machine *machine, const char *interface, struct nic *nic)
{
	char master[16] = "", addresses[160] = "";

	machine->list_addresses(interface, addresses, sizeof(addresses));
	if (tree_link(machine, master, sizeof(master), "/sys/class/net/%s/master", interface)) {
		nic->use = NIC_MEMBER;
		nic->why = condition_member(interface, master);
	} else if (addresses[0] != '\0') {
		nic->use = NIC_ADDRESSED;
		nic->why = condition_addressed(interface, addresses);
	} else if (doctor_find_owner(machine, interface) > 0) {
		nic->use = NIC_TAKEN;
		nic->why = condition_taken(interface);
	}
}

/* Sets the use if somebody uses the interface, or a VLAN on it. */
static void look_at_interface(const struct machine *machine, const char *interface, struct nic *nic)
{
	glob_t all;

	look_at_one(machine, interface, nic);
	tree_glob(machine, &all, "/sys/class/net/*");
	for (size_t i = 0; i < all.gl_pathc && nic->use == NIC_FREE; i++) {
		const char *name = tree_name(all.gl_pathv[i]);
		char text[sizeof(nic->why.text)];

		if (!is_part(machine, interface, name))
			continue;
		look_at_one(machine, name, nic);
		if (nic->use == NIC_FREE)
			continue;
		memcpy(text, nic->why.text, sizeof(text));
		snprintf(nic->why.text, sizeof(text), "%s on it is in use: %.200s", name, text);
	}
	globfree(&all);
}

/* Sets the use of a NIC that has interfaces in this network namespace. */
static void look_at_interfaces(const struct machine *machine, const glob_t *own, struct nic *nic)
{
	for (size_t i = 0; i < own->gl_pathc && nic->use == NIC_FREE; i++) {
		const char *name = tree_name(own->gl_pathv[i]);

		look_at_interface(machine, name, nic);
		if (nic->use != NIC_FREE)
			snprintf(nic->interface, sizeof(nic->interface), "%s", name);
	}
}

/* Names the first interface, or the one by which you reach the machine. */
static void look_for_management(const struct machine *machine, const glob_t *own, struct nic *nic)
{
	for (size_t i = 0; i < own->gl_pathc && !nic->is_management; i++) {
		const char *name = tree_name(own->gl_pathv[i]);

		nic->is_management = doctor_is_management(machine, name);
		if (i == 0 || nic->is_management)
			snprintf(nic->interface, sizeof(nic->interface), "%s", name);
	}
}

struct nic nic_look(const struct machine *machine, const char *pci)
{
	struct nic nic = {.use = NIC_FREE};
	glob_t own;

	nic_interfaces(machine, pci, &own);
	tree_link(machine, nic.driver, sizeof(nic.driver), PCI "/%s/driver", pci);
	nic.is_bifurcated = IS_ONE_OF(nic.driver, bifurcated);
	look_for_management(machine, &own, &nic);
	if (IS_ONE_OF(nic.driver, handed_over)) {
		nic.use = NIC_OURS;
	} else if (!is_first_namespace(machine)) {
		nic.use = NIC_UNSEEN;
		nic.why = condition_namespace();
	} else if (nic.is_management) {
		nic.use = NIC_MANAGEMENT;
		nic.why = condition_management();
	} else if (own.gl_pathc > 0) {
		look_at_interfaces(machine, &own, &nic);
	} else if (nic.driver[0] != '\0') {
		nic.use = NIC_AWAY;
		nic.why = condition_away();
	}
	globfree(&own);
	return nic;
}

/* Whether udpechod can open the NIC as it is. */
static bool is_ready(const struct nic *nic)
{
	return nic->use == NIC_OURS || (nic->is_bifurcated && !nic->is_management);
}

static bool is_idle(const struct nic *nic)
{
	return nic->use == NIC_FREE;
}

/* Whether somebody uses the NIC who can be told to do without it. */
static bool is_in_use(const struct nic *nic)
{
	return nic->use == NIC_MEMBER || nic->use == NIC_ADDRESSED || nic->use == NIC_TAKEN;
}

static bool is_away(const struct nic *nic)
{
	return nic->use == NIC_AWAY;
}

bool doctor_may_bind(const struct machine *machine, const char *pci)
{
	return nic_look(machine, pci).use == NIC_FREE;
}

/* The first NIC for which IS_SO holds; NULL: there is none. */
static const struct subject *find_nic(
	const struct doctor *doctor, bool (*is_so)(const struct nic *nic))
{
	for (unsigned int i = 1; i < doctor->subject_count; i++) {
		const struct nic nic = nic_look(doctor->machine, doctor->subjects[i].pci);

		if (is_so(&nic))
			return &doctor->subjects[i];
	}
	return NULL;
}

static void say_used(struct doctor *doctor, const struct subject *subject)
{
	const struct nic nic = nic_look(doctor->machine, subject->pci);

	doctor_say(doctor, DOCTOR_STOP, "no NIC is free: %s, as %s: %s", subject->pci,
		nic.interface, nic.why.text);
	doctor_fix(doctor, "%s", nic.why.fix);
}

void doctor_check_nics(struct doctor *doctor, const struct subject *machine)
{
	const struct subject *ready = find_nic(doctor, is_ready);
	const struct subject *idle = find_nic(doctor, is_idle);
	const struct subject *used = find_nic(doctor, is_in_use);
	const unsigned int count = doctor->subject_count - 1;
	const struct condition elsewhere = condition_namespace();

	(void)machine;
	if (doctor->config->device_count > 0)
		return; /* NICs of the configuration have checks of their own */
	if (ready != NULL) {
		doctor_say(doctor, DOCTOR_OK, "%s is ready: -d pci:%s", ready->pci, ready->pci);
	} else if (count > 0 && !is_first_namespace(doctor->machine)) {
		doctor_say_condition(doctor, DOCTOR_UNSEEN, &elsewhere);
	} else if (idle != NULL) {
		doctor_say(doctor, DOCTOR_STOP, "none of %u NICs is ready; %s could be", count,
			idle->pci);
		doctor_fix(doctor, "dpdk-devbind.py -b vfio-pci %s", idle->pci);
	} else if (used != NULL) {
		say_used(doctor, used);
	} else {
		doctor_say(doctor, DOCTOR_STOP,
			count == 0 ? "there is no NIC on PCI"
			: find_nic(doctor, is_away) != NULL
				? "no NIC is free: another network namespace has one"
				: "there is no NIC but the one that you reach the machine through");
		doctor_fix(doctor, "udpechod --doctor -d af_xdp:IFACE # use an interface of the "
				   "kernel, or add a NIC");
	}
}

/* Judges a NIC that exists, but is not ready. ASKED: the grade of not having it. */
static void judge_use(struct doctor *doctor, const struct subject *subject, const struct nic *nic,
	enum doctor_grade asked)
{
	const char *as = nic->interface[0] != '\0' ? nic->interface : "no interface";

	switch (nic->use) {
	case NIC_OURS:
	case NIC_FREE:
		doctor_say(doctor, asked, "%s, as %s%s",
			nic->driver[0] != '\0' ? nic->driver : "none", as,
			subject->device == NULL ? ": udpechod could take it" : "");
		doctor_fix(doctor, "dpdk-devbind.py -b vfio-pci %s", subject->pci);
		break;
	case NIC_MEMBER:
	case NIC_ADDRESSED:
	case NIC_TAKEN:
	case NIC_MANAGEMENT:
		doctor_say(doctor, asked, "%s, as %s: %s", nic->driver, as, nic->why.text);
		if (asked != DOCTOR_OK)
			doctor_fix(doctor, "%s", nic->why.fix);
		break;
	case NIC_AWAY:
		doctor_say(doctor, asked == DOCTOR_OK ? DOCTOR_UNSEEN : asked, "%s: %s",
			nic->driver, nic->why.text);
		doctor_fix(doctor, "%s", nic->why.fix);
		break;
	case NIC_UNSEEN:
		doctor_say_condition(doctor, DOCTOR_UNSEEN, &nic->why);
	}
}

void doctor_check_driver(struct doctor *doctor, const struct subject *subject)
{
	const struct nic nic = nic_look(doctor->machine, subject->pci);
	const struct condition none = condition_no_pci();

	if (!tree_has(doctor->machine, PCI "/%s", subject->pci))
		doctor_say_condition(doctor, DOCTOR_STOP, &none);
	else if (!is_ready(&nic))
		judge_use(doctor, subject, &nic, subject->device == NULL ? DOCTOR_OK : DOCTOR_STOP);
	else if (nic.is_bifurcated)
		doctor_say(doctor, DOCTOR_OK, "%s, bifurcated: the kernel keeps %s", nic.driver,
			subject->interface[0] != '\0' ? subject->interface : "no interface");
	else
		doctor_say(doctor, DOCTOR_OK, "%s", nic.driver);
}
