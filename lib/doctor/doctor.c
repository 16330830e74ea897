/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_pci.h>

#include <udpecho/control/device.h>
#include <udpecho/doctor.h>

#include "device/host.h"
#include "device/interface.h"
#include "device/route.h"
#include "doctor/checks.h"
#include "doctor/examine.h"
#include "doctor/print.h"
#include "doctor/tree.h"
#include "foreign.h"

static const struct check {
	const char *name;
	enum doctor_scope scope;
	void (*look)(struct doctor *doctor, const struct subject *subject);
} checks[] = {
#define DOCTOR_CHECK(identifier, name, scope, text) \
	{name, DOCTOR_##scope, doctor_check_##identifier},
#include "doctor/doctor.def"
#undef DOCTOR_CHECK
};

static struct subject *add_subject(struct doctor *doctor, const char *name)
{
	struct subject *subject = &doctor->subjects[doctor->subject_count];

	if (doctor->subject_count == DOCTOR_SUBJECTS_MAX)
		return NULL;
	*subject = (struct subject){0};
	snprintf(subject->name, sizeof(subject->name), "%s", name);
	foreign_tame(subject->name);
	doctor->subject_count++;
	return subject;
}

/* Adds every PCI device of class 0x02, network. */
static void add_nics(struct doctor *doctor)
{
	const struct machine *machine = doctor->machine;
	glob_t found;

	tree_glob(machine, &found, "/sys/bus/pci/devices/*");
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *pci = tree_name(found.gl_pathv[i]);
		struct subject *subject;

		if (tree_number(machine, 0, "/sys/bus/pci/devices/%s/class", pci) >> 16 != 0x02)
			continue;
		subject = add_subject(doctor, pci);
		if (subject == NULL) {
			doctor->left_out++;
			continue;
		}
		snprintf(subject->pci, sizeof(subject->pci), "%s", pci);
		doctor_find_interface(machine, pci, subject->interface, sizeof(subject->interface));
	}
	globfree(&found);
}

/* Fills PCI with the address of the interface's PCI device, if it has one. */
static void find_pci(const struct machine *machine, const char *interface, char *pci, size_t size)
{
	glob_t found;

	tree_glob(machine, &found, "/sys/bus/pci/devices/*");
	for (size_t i = 0; i < found.gl_pathc && pci[0] == '\0'; i++) {
		const char *name = tree_name(found.gl_pathv[i]);

		if (doctor_has_interface(machine, name, interface))
			snprintf(pci, size, "%s", name);
	}
	globfree(&found);
}

static void add_device(struct doctor *doctor, const struct config_device *device)
{
	struct subject *subject = add_subject(doctor, device->text);
	struct rte_pci_addr address;

	if (subject == NULL)
		return;
	subject->device = device;
	if (device->kind->pci) {
		snprintf(subject->pci, sizeof(subject->pci), "%.23s", device->name);
		if (rte_pci_addr_parse(device->name, &address) == 0)
			rte_pci_device_name(&address, subject->pci, sizeof(subject->pci));
		doctor_find_interface(doctor->machine, subject->pci, subject->interface,
			sizeof(subject->interface));
	} else if (device->kind->find_mtu != NULL && !device->kind->offline) {
		snprintf(subject->interface, sizeof(subject->interface), "%.15s", device->name);
		find_pci(doctor->machine, subject->interface, subject->pci, sizeof(subject->pci));
	}
}

static bool has_device(const struct doctor *doctor, bool (*is_one)(const struct device_kind *kind))
{
	for (unsigned int i = 0; i < doctor->config->device_count; i++)
		if (is_one(doctor->config->devices[i].kind))
			return true;
	return doctor->config->device_count == 0; /* none is given: check for all kinds */
}

static bool is_nic(const struct device_kind *kind)
{
	return kind->pci;
}

static bool is_live(const struct device_kind *kind)
{
	return !kind->offline;
}

static bool is_af_xdp(const struct device_kind *kind)
{
	return strcmp(kind->prefix, "af_xdp") == 0;
}

static bool is_tap(const struct subject *subject)
{
	return subject->device != NULL && strcmp(subject->device->kind->prefix, "tap") == 0;
}

/* Whether checks of this scope apply to the subject. The first subject is the machine. */
static bool applies(
	const struct doctor *doctor, enum doctor_scope scope, const struct subject *subject)
{
	const bool of_machine = subject == doctor->subjects;
	const bool by_address = subject->device == NULL || subject->device->kind->pci;

	switch (scope) {
	case DOCTOR_MACHINE:
		return of_machine;
	case DOCTOR_NICS:
		return of_machine && has_device(doctor, is_nic);
	case DOCTOR_XDP:
		return of_machine && has_device(doctor, is_af_xdp);
	case DOCTOR_CORES:
		return of_machine && has_device(doctor, is_live);
	case DOCTOR_NIC:
		return !of_machine && by_address;
	case DOCTOR_INTERFACE:
		return !of_machine && !by_address && subject->interface[0] != '\0';
	case DOCTOR_HARDWARE:
		return !of_machine && subject->pci[0] != '\0';
	case DOCTOR_TAP:
		return is_tap(subject);
	}
	return false;
}

static void look(struct doctor *doctor, const struct subject *subject)
{
	const unsigned int before = doctor->finding_count;

	doctor->subject = subject;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor->check = checks[i].name;
		if (applies(doctor, checks[i].scope, subject))
			checks[i].look(doctor, subject);
	}
	doctor->check = "device";
	if (doctor->finding_count == before)
		doctor_say(doctor, DOCTOR_OK, "needs nothing of the machine");
}

static void say_left_out(struct doctor *doctor)
{
	if (doctor->left_out == 0)
		return;
	doctor->check = "nics";
	doctor_say(doctor, DOCTOR_UNSEEN, "%u more NICs are not looked at: here is room for %u",
		doctor->left_out, DOCTOR_SUBJECTS_MAX - 1);
	doctor_fix(doctor, "udpechod --doctor -d pci:ADDRESS # looks at one");
}

void doctor_examine(
	struct doctor *doctor, const struct machine *machine, const struct config *config)
{
	*doctor = (struct doctor){.machine = machine, .config = config};
	add_subject(doctor, "machine");
	for (unsigned int i = 0; i < config->device_count; i++)
		add_device(doctor, &config->devices[i]);
	if (config->device_count == 0)
		add_nics(doctor);
	doctor_pick_cores(doctor);
	for (unsigned int i = 0; i < doctor->subject_count; i++) {
		look(doctor, &doctor->subjects[i]);
		if (i == 0)
			say_left_out(doctor);
	}
}

const struct machine doctor_this_machine = {
	.root = "",
	.find_address = host_find_address,
	.is_default_route = route_is_default,
	.leads_to = route_leads_to,
	.list_addresses = host_list_addresses,
	.forwarding = host_forwarding,
	.find_xdp = xdp_find,
	.check_interface = interface_check,
	.is_running = interface_is_running,
	.find_mtu = interface_mtu,
	.is_veth = interface_is_veth,
	.has_feature = interface_feature,
	.leaves_checksums = interface_leaves_checksums,
};

int doctor_report(const struct config *config, FILE *stream, bool *prevented, struct error *error)
{
	struct machine machine = doctor_this_machine;
	struct doctor *doctor = malloc(sizeof(*doctor));

	if (doctor == NULL)
		return error_set(error, ENOMEM, "no memory");
	machine.object_path = secure_getenv("LIBXDP_OBJECT_PATH");
	doctor_examine(doctor, &machine, config);
	*prevented = doctor_count(doctor, DOCTOR_STOP) > 0;
	if (config->report == REPORT_JSON) {
		json_t *report = doctor_json(doctor);

		json_dumpf(report, stream, JSON_INDENT(2));
		fputc('\n', stream);
		json_decref(report);
	} else {
		doctor_print(doctor, stream);
	}
	free(doctor);
	return 0;
}
