/* SPDX-License-Identifier: BSD-3-Clause */
/* The check of what AF_XDP needs of the interface. */
#include <string.h>

#include <udpecho/control/device.h>

#include "device/obstacle.h"
#include "doctor/checks.h"
#include "foreign.h"

void doctor_check_xdp(struct doctor *doctor, const struct subject *subject)
{
	const char *name = subject->interface;
	struct condition condition;
	struct xdp xdp;

	if (strcmp(subject->device->kind->prefix, "af_xdp") != 0 ||
		!doctor->machine->find_xdp(name, &xdp))
		return;
	if (obstacle_of_xdp(name, &xdp, &condition)) {
		doctor_say_condition(doctor,
			xdp.program == XDP_PROGRAM_UNKNOWN ? DOCTOR_UNSEEN : DOCTOR_STOP,
			&condition);
	} else if (xdp.native == XDP_NATIVE_UNKNOWN) {
		doctor_say(doctor, DOCTOR_UNSEEN,
			"this kernel does not tell whether the driver has native XDP: Linux 6.3 "
			"and "
			"later do");
		doctor_fix(doctor, "# if it does not start: udpechod -d af_packet:%s",
			foreign_word(name).text);
	} else {
		doctor_say(doctor, DOCTOR_OK,
			"the driver has native XDP, and no other XDP program is attached");
	}
}
