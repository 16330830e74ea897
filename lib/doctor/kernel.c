/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of what the kernel has, and of what it lets this process do. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <udpecho/control/device.h>

#include "descriptors.h"
#include "device/process.h"
#include "doctor/checks.h"
#include "doctor/tree.h"
#include "privilege.h"

#define DESCRIPTORS_OF_EAL 16                   /* at least, with those of udpechod itself */
#define LOCKED_USUALLY     (UINT64_C(64) << 20) /* by a NIC with one queue */

/* Release MAJOR.MINOR as one number. */
#define RELEASE(major, minor) ((major)*1000 + (minor))

void doctor_check_kernel(struct doctor *doctor, const struct subject *subject)
{
	char text[128];
	int major, minor;

	(void)subject;
	if (!tree_read(doctor->machine, text, sizeof(text), "/proc/sys/kernel/osrelease") ||
		sscanf(text, "%d.%d", &major, &minor) != 2) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the kernel's version cannot be read");
		return;
	}
	if (RELEASE(major, minor) >= RELEASE(5, 11)) {
		doctor_say(doctor, DOCTOR_OK, "Linux %s", text);
		return;
	}
	if (RELEASE(major, minor) >= RELEASE(4, 14))
		doctor_say(doctor, DOCTOR_SLOW,
			"Linux %s: AF_XDP can busy-poll a driver only since 5.11", text);
	else
		doctor_say(doctor, DOCTOR_STOP, "Linux %s: DPDK needs 4.14 or later", text);
	doctor_fix(doctor, "apt-get update && apt-get install linux-image-amd64 && reboot");
}

/* The capabilities that one of the devices is sure to lack; 0: none. */
static uint64_t find_lacking(
	const struct doctor *doctor, const struct process *process, const char **device)
{
	for (unsigned int i = 0; i < doctor->config->device_count; i++) {
		const struct config_device *each = &doctor->config->devices[i];
		const uint64_t lacking = process_lacks(process, each->kind->needs);

		*device = each->text;
		if (lacking != 0)
			return lacking;
	}
	return 0;
}

/* Whether some device may need more capabilities than its kind says. */
static bool may_want(const struct doctor *doctor)
{
	for (unsigned int i = 0; i < doctor->config->device_count; i++)
		if (!doctor->config->devices[i].kind->offline &&
			doctor->config->devices[i].kind->needs == 0)
			return true;
	return doctor->config->device_count == 0;
}

void doctor_check_rights(struct doctor *doctor, const struct subject *subject)
{
	const uint64_t usual = PRIVILEGE(CAP_NET_ADMIN) | PRIVILEGE(CAP_NET_RAW);
	struct condition condition;
	struct process process;
	const char *device;
	uint64_t lacking;

	(void)subject;
	process_read(&process, doctor->machine->root);
	lacking = find_lacking(doctor, &process, &device);
	if (!process.is_known) {
		doctor_say(doctor, DOCTOR_UNSEEN, "/proc/self cannot be read");
	} else if (lacking != 0) {
		condition = condition_capabilities(lacking, device);
		doctor_say_condition(doctor, DOCTOR_STOP, &condition);
	} else if (process_lacks(&process, usual) != 0 && may_want(doctor)) {
		condition = condition_capabilities(process_lacks(&process, usual), "a device");
		doctor_say_condition(doctor, DOCTOR_UNSEEN, &condition);
	} else {
		doctor_say(doctor, DOCTOR_OK, "this process may open network devices");
	}
}

static unsigned int count_queues(const struct doctor *doctor, const struct config_device *device)
{
	const struct device_kind *kind = device->kind;
	unsigned int queues = 1;
	glob_t all;

	if (kind->most_queues > 0)
		queues = device->queues != 0 ? device->queues
					     : (unsigned int)CPU_COUNT(&doctor->cores);
	if (kind->most_queues > 0 && queues > kind->most_queues)
		queues = kind->most_queues;
	if (kind->count_queues != NULL) {
		tree_glob(doctor->machine, &all, "/sys/class/net/%s/queues/rx-*",
			tree_escape(device->name).text);
		queues = all.gl_pathc > 0 ? (unsigned int)all.gl_pathc : 1;
		globfree(&all);
	}
	return queues;
}

/* Bytes of memory that the device is sure to lock. */
static uint64_t count_locked(const struct doctor *doctor, const struct config_device *device)
{
	const struct device_kind *kind = device->kind;

	return kind->locks != NULL ? kind->locks(count_queues(doctor, device)) : 0;
}

void doctor_check_descriptors(struct doctor *doctor, const struct subject *subject)
{
	const struct config *config = doctor->config;
	uint64_t needed = DESCRIPTORS_OF_EAL;
	struct condition condition;
	struct process process;

	(void)subject;
	process_read(&process, doctor->machine->root);
	for (unsigned int i = 0; i < config->device_count; i++)
		needed += (uint64_t)config->devices[i].kind->descriptors *
			  count_queues(doctor, &config->devices[i]);
	if (needed < DESCRIPTORS_LEAST)
		needed = DESCRIPTORS_LEAST;
	if (!process.is_known) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the limit cannot be read");
	} else if (process.descriptors < needed) {
		condition = condition_descriptors((unsigned long)process.descriptors);
		doctor_say_condition(doctor, DOCTOR_STOP, &condition);
	} else {
		doctor_say(doctor, DOCTOR_OK, "enough for the %" PRIu64 " files that are needed",
			needed);
	}
}

/* Memory that a device writes to must not move: it counts as locked. */
void doctor_check_memlock(struct doctor *doctor, const struct subject *subject)
{
	const struct config *config = doctor->config;
	uint64_t needed = 0, most = 0;
	struct condition condition;
	const char *device = "";
	struct process process;

	(void)subject;
	process_read(&process, doctor->machine->root);
	for (unsigned int i = 0; i < config->device_count; i++) {
		const uint64_t own = count_locked(doctor, &config->devices[i]);

		needed += own;
		if (own > most)
			device = config->devices[i].text;
		most = own > most ? own : most;
	}
	if (config->device_count == 0)
		needed = LOCKED_USUALLY;
	if (!process.is_known) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the limit cannot be read");
	} else if (process.memlock == UINT64_MAX) {
		doctor_say(doctor, DOCTOR_OK, "no limit for this process");
	} else if (needed <= process.memlock) {
		doctor_say(doctor, DOCTOR_OK,
			"this process may lock %" PRIu64 " KiB of memory, "
			"and the devices need %" PRIu64,
			process.memlock / 1024, needed / 1024);
	} else if (config->device_count == 0) {
		condition = condition_memlock(process.memlock, needed, "a device");
		doctor_say_condition(doctor, DOCTOR_RISK, &condition);
	} else {
		condition = condition_memlock(process.memlock, needed, device);
		doctor_say_condition(doctor, DOCTOR_STOP, &condition);
	}
}

void doctor_check_af_xdp(struct doctor *doctor, const struct subject *subject)
{
	char line[256];
	const int found =
		tree_find(doctor->machine, line, sizeof(line), "XDP *", "/proc/net/protocols");

	(void)subject;
	if (found < 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "/proc/net/protocols cannot be read");
	} else if (found == 0) {
		doctor_say(doctor, DOCTOR_STOP,
			"the kernel has no AF_XDP (CONFIG_XDP_SOCKETS): use af_packet:IFACE");
		doctor_fix(doctor, "apt-get update && apt-get install linux-image-amd64 && reboot");
	} else if (tree_number(doctor->machine, 1, "/proc/sys/net/core/bpf_jit_enable") == 0) {
		doctor_say(
			doctor, DOCTOR_SLOW, "the kernel has AF_XDP, but interprets XDP programs");
		doctor_fix(doctor, "sysctl -w net.core.bpf_jit_enable=1");
	} else {
		doctor_say(doctor, DOCTOR_OK, "the kernel has AF_XDP");
	}
}

/* libxdp reads both when an af_xdp device is opened. */
static bool has_objects(const struct machine *machine, const char *folder)
{
	return tree_has(machine, "%s/xdp-dispatcher.o", folder) &&
	       tree_has(machine, "%s/xsk_def_xdp_prog.o", folder);
}

static bool is_mounted(const struct machine *machine, const char *what)
{
	char line[512];

	return tree_find(machine, line, sizeof(line), what, "/proc/mounts") > 0;
}

/* Whether libxdp can write to a bpffs or to /run: if a program is attached already, it has to. */
static bool has_place(const struct machine *machine)
{
	if (is_mounted(machine, "* /sys/fs/bpf bpf *"))
		return true;
	return is_mounted(machine, "* /run *") ? !is_mounted(machine, "* /run * ro[, ]*")
					       : !is_mounted(machine, "* / * ro[, ]*");
}

static void say_objects(struct doctor *doctor, const char *folder)
{
	const struct condition no_place = condition_no_bpffs();

	if (has_place(doctor->machine))
		doctor_say(doctor, DOCTOR_OK, "libxdp's XDP programs are in %s", folder);
	else
		doctor_say_condition(doctor, DOCTOR_RISK, &no_place);
}

void doctor_check_libxdp(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	bool found = false;
	glob_t folders;

	(void)subject;
	if (machine->object_path != NULL) {
		if (has_objects(machine, machine->object_path)) {
			say_objects(doctor, machine->object_path);
			return;
		}
		doctor_say(doctor, DOCTOR_STOP,
			"$LIBXDP_OBJECT_PATH is %s, and libxdp's XDP programs are not there",
			machine->object_path);
		doctor_fix(doctor, "unset LIBXDP_OBJECT_PATH");
		return;
	}
	tree_glob(machine, &folders, "/usr/lib*{,/*}/bpf");
	for (size_t i = 0; i < folders.gl_pathc && !found; i++) {
		const char *folder = folders.gl_pathv[i] + strlen(machine->root);

		found = has_objects(machine, folder);
		if (found)
			say_objects(doctor, folder);
	}
	globfree(&folders);
	if (!found) {
		doctor_say(doctor, DOCTOR_STOP,
			"libxdp's XDP programs, xdp-dispatcher.o and xsk_def_xdp_prog.o, are not "
			"there");
		doctor_fix(doctor, "apt-get install --reinstall libxdp1");
	}
}

void doctor_check_tun(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	const char *name = subject->device->name;
	const struct condition no_tun = condition_no_tun();
	const struct condition exists =
		condition_exists(name, tree_has(machine, "/sys/class/net/%s/tun_flags", name));
	struct error error;

	if (!tree_has(machine, "/dev/net/tun")) {
		doctor_say_condition(doctor, DOCTOR_STOP, &no_tun);
	} else if (machine->check_interface(name, &error) != -ENODEV) {
		doctor_say_condition(doctor, DOCTOR_STOP, &exists);
	} else {
		doctor_say(doctor, DOCTOR_OK, "the kernel can make TAP interfaces");
	}
}
