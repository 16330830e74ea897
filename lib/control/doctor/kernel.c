/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel has, and what it lets this user do. */
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor.h"
#include "doctor/tree.h"

/* MAJOR.MINOR as one number that grows with it. */
#define RELEASE(major, minor) ((major)*1000 + (minor))

void doctor_check_kernel(struct doctor *doctor, const struct subject *subject)
{
	char text[128];
	int major, minor;

	(void)subject;
	if (!tree_read(doctor->machine, text, sizeof(text), "/proc/sys/kernel/osrelease") ||
		sscanf(text, "%d.%d", &major, &minor) != 2) {
		doctor_say(doctor, DOCTOR_UNSEEN, "its version is not to be read");
		return;
	}
	if (RELEASE(major, minor) >= RELEASE(5, 11)) {
		doctor_say(doctor, DOCTOR_OK, "Linux %s", text);
		return;
	}
	if (RELEASE(major, minor) >= RELEASE(4, 14))
		doctor_say(doctor, DOCTOR_SLOW,
			"Linux %s: AF_XDP cannot poll a driver itself before 5.11", text);
	else
		doctor_say(doctor, DOCTOR_STOP, "Linux %s: DPDK needs 4.14", text);
	doctor_mend(doctor, "apt-get update && apt-get install linux-image-amd64 && reboot");
}

/* The set of capabilities that this process has in effect, a bit each. */
static bool read_capabilities(const struct machine *machine, unsigned long long *set)
{
	char line[128];

	if (tree_find(machine, line, sizeof(line), "CapEff:*", "/proc/self/status") <= 0)
		return false;
	*set = strtoull(line + strlen("CapEff:"), NULL, 16);
	return true;
}

void doctor_check_rights(struct doctor *doctor, const struct subject *subject)
{
	const unsigned long long wanted = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_RAW;
	unsigned long long set;

	(void)subject;
	if (!read_capabilities(doctor->machine, &set)) {
		doctor_say(doctor, DOCTOR_UNSEEN, "/proc/self/status is not to be read");
	} else if ((set & wanted) == wanted) {
		doctor_say(doctor, DOCTOR_OK, "this user may open network devices");
	} else {
		doctor_say(doctor, DOCTOR_UNSEEN,
			"this user may not open network devices; what follows is what anyone "
			"sees");
		doctor_mend(doctor, "start it as root, with sudo, or as a service");
	}
}

/* For a device to write to memory it must stay where it is, which vfio and AF_XDP count as locked.
 */
void doctor_check_memlock(struct doctor *doctor, const struct subject *subject)
{
	unsigned long long set, limit;
	char line[128];

	(void)subject;
	if (!read_capabilities(doctor->machine, &set) ||
		tree_find(doctor->machine, line, sizeof(line), "Max locked memory *",
			"/proc/self/limits") <= 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the limit is not to be read");
	} else if (set & 1ULL << CAP_IPC_LOCK) {
		doctor_say(doctor, DOCTOR_OK, "no limit for this user");
	} else if (sscanf(line, "Max locked memory %llu", &limit) != 1) {
		doctor_say(doctor, DOCTOR_OK, "unlimited");
	} else {
		doctor_say(doctor, DOCTOR_RISK,
			"this user may lock %llu KiB: too little for devices, unless root starts "
			"it",
			limit / 1024);
		doctor_mend(doctor, "ulimit -l unlimited; LimitMEMLOCK=infinity in a service");
	}
}

void doctor_check_af_xdp(struct doctor *doctor, const struct subject *subject)
{
	char line[256];
	const int found =
		tree_find(doctor->machine, line, sizeof(line), "XDP *", "/proc/net/protocols");

	(void)subject;
	if (found < 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "/proc/net/protocols is not to be read");
	} else if (found == 0) {
		doctor_say(doctor, DOCTOR_STOP,
			"the kernel has no AF_XDP (CONFIG_XDP_SOCKETS): use af_packet:IFACE");
		doctor_mend(
			doctor, "apt-get update && apt-get install linux-image-amd64 && reboot");
	} else if (tree_number(doctor->machine, 1, "/proc/sys/net/core/bpf_jit_enable") == 0) {
		doctor_say(doctor, DOCTOR_SLOW, "the kernel has it, and interprets XDP programs");
		doctor_mend(doctor, "sysctl -w net.core.bpf_jit_enable=1");
	} else {
		doctor_say(doctor, DOCTOR_OK, "the kernel has it");
	}
}

/* Both are read when an af_xdp device is opened. */
static bool has_objects(const struct machine *machine, const char *folder)
{
	return tree_has(machine, "%s/xdp-dispatcher.o", folder) &&
	       tree_has(machine, "%s/xsk_def_xdp_prog.o", folder);
}

void doctor_check_libxdp(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	bool found = false;
	glob_t folders;

	(void)subject;
	if (machine->object_path != NULL) {
		if (has_objects(machine, machine->object_path)) {
			doctor_say(doctor, DOCTOR_OK, "its XDP programs are in %s",
				machine->object_path);
			return;
		}
		doctor_say(doctor, DOCTOR_STOP,
			"$LIBXDP_OBJECT_PATH is %s, where its XDP programs are not",
			machine->object_path);
		doctor_mend(doctor, "unset LIBXDP_OBJECT_PATH");
		return;
	}
	tree_glob(machine, &folders, "/usr/lib*{,/*}/bpf");
	for (size_t i = 0; i < folders.gl_pathc && !found; i++) {
		const char *folder = folders.gl_pathv[i] + strlen(machine->root);

		found = has_objects(machine, folder);
		if (found)
			doctor_say(doctor, DOCTOR_OK, "its XDP programs are in %s", folder);
	}
	globfree(&folders);
	if (!found) {
		doctor_say(doctor, DOCTOR_STOP,
			"its XDP programs, xdp-dispatcher.o and xsk_def_xdp_prog.o, are not "
			"there");
		doctor_mend(doctor, "apt-get install --reinstall libxdp1");
	}
}

void doctor_check_tun(struct doctor *doctor, const struct subject *subject)
{
	const char *name = subject->device->name;

	if (!tree_has(doctor->machine, "/dev/net/tun")) {
		doctor_say(doctor, DOCTOR_STOP, "there is no /dev/net/tun");
		doctor_mend(doctor, "modprobe tun");
	} else if (tree_has(doctor->machine, "/sys/class/net/%s", name)) {
		doctor_say(doctor, DOCTOR_STOP, "an interface has the name already");
		doctor_mend(doctor, "ip link del %s", name);
	} else {
		doctor_say(doctor, DOCTOR_OK, "the kernel makes TAP interfaces");
	}
}
