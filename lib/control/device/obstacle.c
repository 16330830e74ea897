/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "device/condition.h"
#include "device/interface.h"
#include "device/obstacle.h"
#include "device/process.h"

#define BPFFS                "/sys/fs/bpf"
#define DESCRIPTORS_OF_QUEUE 8 /* more than a queue of any driver opens at a time */

/* Returns whether too few more files can be opened for a queue. */
static bool lacks_descriptors(void)
{
	int copies[DESCRIPTORS_OF_QUEUE];
	unsigned int count = 0;

	while (count < DESCRIPTORS_OF_QUEUE && (copies[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	for (unsigned int i = 0; i < count; i++)
		close(copies[i]);
	return count < DESCRIPTORS_OF_QUEUE;
}

static bool is_af_xdp(const struct device *device)
{
	return strcmp(device->config->kind->prefix, "af_xdp") == 0;
}

static bool find_descriptors(
	const struct device *device, const struct error *error, struct condition *condition)
{
	struct rlimit limit;

	(void)device;
	if ((strstr(error->text, strerror(EMFILE)) == NULL && !lacks_descriptors()) ||
		getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	*condition = condition_descriptors((unsigned long)limit.rlim_cur);
	return true;
}

static bool find_memlock(
	const struct device *device, const struct error *error, struct condition *condition)
{
	const struct device_kind *kind = device->config->kind;
	const uint64_t needed = kind->locks != NULL ? kind->locks(device->queue_count) : 0;
	struct process process;

	(void)error;
	process_read(&process, "");
	if (needed <= process.memlock)
		return false;
	*condition = condition_memlock(process.memlock, needed, "the device");
	return true;
}

static bool find_capabilities(
	const struct device *device, const struct error *error, struct condition *condition)
{
	struct process process;
	uint64_t missing;

	(void)error;
	process_read(&process, "");
	missing = process_lacks(&process, device->config->kind->needs);
	if (!process.is_known || missing == 0)
		return false;
	*condition = condition_capabilities(missing, "the device");
	return true;
}

/* libxdp makes a folder in one of these if a program is attached already. */
static bool has_place_for_libxdp(void)
{
	struct statfs bpf;

	return access("/run", W_OK) == 0 ||
	       (statfs(BPFFS, &bpf) == 0 && bpf.f_type == BPF_FS_MAGIC);
}

/* Mounts a bpffs that only this process sees. If it may not, the driver's error says so. */
static void make_place_for_libxdp(void)
{
	if (has_place_for_libxdp() || unshare(CLONE_NEWNS) < 0)
		return;
	/* This process still sees what others mount later, but they do not see its mounts. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
		(void)mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static bool find_bpffs(
	const struct device *device, const struct error *error, struct condition *condition)
{
	(void)error;
	if (!is_af_xdp(device) || has_place_for_libxdp())
		return false;
	*condition = condition_no_bpffs();
	return true;
}

static bool (*const finders[])(
	const struct device *device, const struct error *error, struct condition *condition) = {
	find_descriptors, find_capabilities, find_memlock, find_bpffs};

void obstacle_point(const struct config_device *config, struct error *error)
{
	const struct error why = *error;

	error_set(error, EIO, "%s; `udpechod --doctor -d %s` checks all that the device needs",
		why.text, config->text);
}

void obstacle_explain(const struct device *device, struct error *error)
{
	struct condition condition;
	struct error why = *error;
	bool found = false;

	if (device->config->kind->offline || error->is_usage)
		return;
	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]) && !found; i++)
		found = finders[i](device, error, &condition);
	if (found)
		condition_error(&condition, EIO, &why);
	*error = why;
	obstacle_point(device->config, error);
}

bool obstacle_of_xdp(const char *name, const struct xdp *xdp, struct condition *condition)
{
	if (xdp->program == XDP_PROGRAM_FOREIGN)
		*condition = condition_xdp_program(name, xdp->name, xdp->is_generic);
	else if (xdp->native == XDP_NATIVE_NONE)
		*condition = condition_no_native_xdp(name);
	else if (xdp->uncombined > 0)
		*condition = condition_uncombined(name, xdp->uncombined);
	else if (xdp->program == XDP_PROGRAM_UNKNOWN)
		*condition = condition_xdp_program(name, xdp->name, xdp->is_generic);
	else
		return false;
	return true;
}

int obstacle_check_xdp(struct device *device, struct error *error)
{
	const unsigned int mtu = interface_mtu(device->name);
	int result = interface_check(device->name, error);
	struct condition condition;
	struct xdp xdp;

	if (result < 0 || !xdp_find(device->name, &xdp))
		return result;
	if (!obstacle_of_xdp(device->name, &xdp, &condition)) {
		if (mtu <= XDP_MTU_MOST) {
			make_place_for_libxdp();
			return 0;
		}
		condition = condition_xdp_mtu(device->name, mtu, XDP_MTU_MOST,
			xdp_mtu_for(device->config->kind->frame_room));
	}
	result = condition_error(&condition, EINVAL, error);
	obstacle_point(device->config, error);
	return result;
}
