/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "device/condition.h"
#include "device/obstacle.h"
#include "device/process.h"

#define DESCRIPTORS_LEAST 8 /* a queue of any driver opens fewer at a time */

/* Whether so few more files can be opened that it will have been too few. */
static bool lacks_descriptors(void)
{
	int copies[DESCRIPTORS_LEAST];
	unsigned int count = 0;

	while (count < DESCRIPTORS_LEAST && (copies[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	for (unsigned int i = 0; i < count; i++)
		close(copies[i]);
	return count < DESCRIPTORS_LEAST;
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

static bool (*const finders[])(const struct device *device, const struct error *error,
	struct condition *condition) = {find_descriptors, find_capabilities, find_memlock};

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
	error_set(error, EIO, "%s; `udpechod --doctor -d %s` looks at all that it needs", why.text,
		device->config->text);
}
