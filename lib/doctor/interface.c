/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of an interface of the kernel that udpechod would use. */
#include <errno.h>
#include <string.h>

#include <udpecho/control/device.h>

#include "doctor/checks.h"
#include "doctor/tree.h"
#include "foreign.h"
#include "format.h"

static bool is_af_xdp(const struct subject *subject)
{
	return strcmp(subject->device->kind->prefix, "af_xdp") == 0;
}

void doctor_check_link(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	const char *name = subject->interface;
	const struct condition no_interface = condition_no_interface();
	const struct condition not_ethernet = condition_not_ethernet();
	const struct condition down = condition_down(name);
	struct error error;

	switch (machine->check_interface(name, &error)) {
	case -ENODEV:
		doctor_say_condition(doctor, DOCTOR_STOP, &no_interface);
		return;
	case -EINVAL:
		doctor_say_condition(doctor, DOCTOR_STOP, &not_ethernet);
		return;
	case -ENETDOWN:
		doctor_say_condition(doctor, DOCTOR_STOP, &down);
		return;
	default: /* another check is about what this process may do */
		break;
	}
	if (machine->is_running(name, false)) {
		doctor_say(doctor, DOCTOR_OK, "up and connected");
		return;
	}
	doctor_say(doctor, DOCTOR_RISK, "up, but not connected: no frames come");
	doctor_fix(doctor, "ip link show %s # check the cable, and the other end",
		foreign_word(name).text);
}

/* See interface_lock(). */
int doctor_find_owner(const struct machine *machine, const char *interface)
{
	char line[256], lock[300];

	snprintf(lock, sizeof(lock), "* @udpechod/%s", tree_escape(interface).text);
	return tree_find(machine, line, sizeof(line), lock, "/proc/net/unix");
}

void doctor_check_owner(struct doctor *doctor, const struct subject *subject)
{
	const struct condition taken = condition_taken(subject->interface);

	switch (doctor_find_owner(doctor->machine, subject->interface)) {
	case 0:
		doctor_say(doctor, DOCTOR_OK, "no other udpechod has it");
		break;
	case 1:
		doctor_say_condition(doctor, DOCTOR_STOP, &taken);
		break;
	default:
		doctor_say(doctor, DOCTOR_UNSEEN, "/proc/net/unix cannot be read");
	}
}

void doctor_check_address(struct doctor *doctor, const struct subject *subject)
{
	const struct config_device *device = subject->device;
	const char *name = subject->interface;
	struct condition condition;

	for (unsigned int i = 0; i < device->address_count; i++) {
		const struct address_text text = format_address(device->addresses[i].address);
		struct host_address found;

		if (!doctor->machine->find_address(device->addresses[i].address, name, &found))
			continue;
		if (is_af_xdp(subject) && strcmp(found.interface, name) != 0)
			continue; /* the kernel does not hear these frames */
		condition = condition_address(device->addresses[i].address, &found);
		if (!is_af_xdp(subject)) {
			doctor_say_condition(doctor, DOCTOR_STOP, &condition);
			return;
		}
		doctor_say(doctor, DOCTOR_RISK,
			"the kernel has %s too, and would hear nothing any more", text.text);
		doctor_fix(doctor, "%s", condition.fix);
		return;
	}
	if (doctor_is_management(doctor->machine, name)) {
		doctor_say(doctor, DOCTOR_RISK, "you reach this machine through this interface: %s",
			is_af_xdp(subject) ? "you would be cut off"
					   : "the kernel goes on using it");
		doctor_fix(doctor, "ip link # use another interface");
	} else {
		doctor_say(doctor, DOCTOR_OK, "the kernel does not use the device's addresses");
	}
}

void doctor_check_forwarding(struct doctor *doctor, const struct subject *subject)
{
	static const enum ip_family families[] = {IP_FAMILY_IPV4, IP_FAMILY_IPV6};
	const char *name = subject->interface;

	if (is_af_xdp(subject)) {
		doctor_say(doctor, DOCTOR_OK, "AF_XDP takes frames before the kernel sees them");
		return;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const enum host_forwarding forwarding =
			doctor->machine->forwarding(name, families[i]);
		const struct condition forwards = condition_forwards(name, families[i], forwarding);

		if (forwarding == HOST_FORWARDS_NOTHING ||
			(subject->device->address_count > 0 &&
				!config_device_has(subject->device, families[i])))
			continue;
		doctor_say_condition(doctor, DOCTOR_RISK, &forwards);
		return;
	}
	doctor_say(doctor, DOCTOR_OK, "the kernel does not forward frames from here");
}

void doctor_check_mtu(struct doctor *doctor, const struct subject *subject)
{
	const long mtu = (long)doctor->machine->find_mtu(subject->interface);
	const long most = (long)xdp_mtu_for(subject->device->kind->frame_room);
	struct condition condition;

	if (mtu == 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the MTU cannot be read");
	} else if (!is_af_xdp(subject) || mtu <= most) {
		doctor_say(doctor, DOCTOR_OK, "%ld", mtu);
	} else if (mtu > XDP_MTU_MOST) {
		condition = condition_xdp_mtu(
			subject->interface, (unsigned int)mtu, XDP_MTU_MOST, (unsigned int)most);
		doctor_say_condition(doctor, DOCTOR_STOP, &condition);
	} else {
		doctor_say(doctor, DOCTOR_RISK,
			"%ld: packets of more than %ld bytes are lost (rx_missed)", mtu, most);
		doctor_fix(doctor, "ip link set %s mtu %ld", foreign_word(subject->interface).text,
			most);
	}
}
