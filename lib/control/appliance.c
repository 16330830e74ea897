/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include <udpecho/control/log.h>

#include "appliance_parts.h"
#include "monitor/report.h"
#include "monitor/service.h"
#include "monitor/telemetry.h"
#include "privilege.h"
#include "runtime/lifecycle.h"
#include "signals.h"
#include "summary.h"
#include "watch/changes.h"
#include "watch/look.h"

static unsigned int log_level(const struct config *config, bool offline)
{
	if (config->log_level != 0)
		return config->log_level;
	return offline ? RTE_LOG_WARNING : RTE_LOG_NOTICE;
}

/* Returns the capabilities that udpechod keeps: for its devices, and for reloads. */
static uint64_t privileges(const struct config *config)
{
	uint64_t sum = PRIVILEGE(CAP_DAC_READ_SEARCH); /* to read the configuration again */

	for (unsigned int i = 0; i < config->device_count; i++)
		sum |= config->devices[i].kind->privileges;
	/* A reload allocates memory, and EAL must then find its physical addresses. */
	if (rte_eal_iova_mode() == RTE_IOVA_PA)
		sum |= PRIVILEGE(CAP_SYS_ADMIN);
	return sum;
}

/* Is the beat of a struct pulse. It tells systemd that the start takes longer. */
static int beat(void *caller, struct error *error)
{
	service_starting();
	return signals_beat(caller, error);
}

/* Starts one part after the other. On an error it stops in reverse order what it has started. */
static int start(struct appliance *appliance, const struct config *config, struct error *error)
{
	struct runtime *runtime = &appliance->runtime;
	const struct pulse pulse = {beat, NULL};
	struct error ignored;
	int result;

	signals_hold(); /* before EAL makes threads, which inherit it */
	explain_init(&appliance->explain, config->report == REPORT_JSON);
	result = runtime_prepare(
		runtime, config, config->explain ? &appliance->explain : NULL, error);
	if (result < 0)
		return result;
	watch_begin(&appliance->watch, runtime);
	result = runtime_open(runtime, &pulse, error);
	if (result < 0)
		goto watch;
	appliance->captures.runtime = runtime;
	appliance->view = (struct view){runtime, &appliance->watch, &appliance->reloads};
	result = http_start(&appliance->http, &appliance->view, error);
	if (result < 0)
		goto runtime;
	telemetry_start(&appliance->view, &appliance->captures);
	log_open(log_level(config, runtime_is_offline(runtime)));
	result = privilege_drop(privileges(config), error);
	if (result < 0)
		goto monitors;
	summary_log(runtime, &appliance->watch);
	runtime_launch(runtime);
	return 0;
monitors:
	telemetry_stop();
	http_stop(&appliance->http);
	log_close();
runtime:
	runtime_close(runtime, &ignored);
	runtime_release(runtime);
watch:
	watch_end(&appliance->watch);
	return result;
}

int appliance_start(struct appliance **appliance, const struct config *config, struct error *error)
{
	int result;

	*appliance = calloc(1, sizeof(**appliance));
	if (*appliance == NULL)
		return error_set(error, ENOMEM, "no memory");
	result = start(*appliance, config, error);
	if (result < 0) {
		free(*appliance);
		*appliance = NULL;
	}
	return result;
}

/* Returns false while any device may still deliver frames. Sets LOST if one of them was lost. */
static bool is_over(const struct runtime *runtime, bool *lost)
{
	*lost = false;
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		const struct device *device = &runtime->devices[i];

		if (!device->is_lost && !device_is_drained(device))
			return false;
		*lost |= device->is_lost;
	}
	return true;
}

enum appliance_event appliance_wait(struct appliance *appliance)
{
	const bool offline = runtime_is_offline(&appliance->runtime);
	const struct timespec pause = {.tv_nsec = (offline ? 1 : 50) * 1000000L};
	bool lost;
	int number;

	do {
		changes_follow(&appliance->watch, clock_now()); /* first: links are asked by name */
		watch_all(&appliance->watch, clock_now());
		service_tell(&appliance->view, clock_now());
		if (is_over(&appliance->runtime, &lost))
			return lost ? APPLIANCE_LOST : APPLIANCE_STOP;
		number = signals_wait(&pause);
	} while (number < 0);
	return number == SIGHUP ? APPLIANCE_RELOAD : APPLIANCE_STOP;
}

int appliance_stop(struct appliance *appliance, struct error *error)
{
	struct runtime *runtime = &appliance->runtime;
	int result;

	service_stopping();
	http_stop(&appliance->http);
	telemetry_stop();
	capture_file_end(&appliance->captures);
	watch_end(&appliance->watch);
	result = runtime_stop(runtime, error);
	if (result < 0)
		return result;
	capture_file_release(&appliance->captures);
	log_close();
	return runtime_close(runtime, error);
}

const struct device *appliance_lost_device(const struct appliance *appliance)
{
	return runtime_lost_device(&appliance->runtime);
}

int appliance_report(const struct appliance *appliance, FILE *stream, struct error *error)
{
	return report_write(&appliance->view, stream, error);
}

void appliance_release(struct appliance *appliance)
{
	if (appliance->runtime.is_held)
		return; /* the end of the process frees it */
	runtime_release(&appliance->runtime);
	free(appliance);
}
