/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "monitor/service.h"

#define PATIENCE_US  30000000 /* for a step of the start */
#define STATUS_EVERY 5.0      /* seconds */

/* There is one of each process, and so one of these. */
static bool is_ready;
static double fed, told;        /* when last, in seconds; 0: never */
static uint64_t received, sent; /* frames, when the status was told last */
static char refusal[256];       /* why the last reload was */

/* A name of the operator's may hold a line feed, which would begin another assignment. */
static void notify_status(const char *state, char *status)
{
	for (char *c = status; *c != '\0'; c++)
		if (*c == '\n')
			*c = '?';
	sd_notifyf(0, "%sSTATUS=%s", state, status);
}

void service_starting(void)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%d", PATIENCE_US);
}

static bool all_is_known(const struct view *view)
{
	for (unsigned int i = 0; i < view->runtime->worker_count; i++)
		if (view->watch->workers[i].rounds == 0)
			return false;
	for (unsigned int i = 0; i < view->runtime->device_count; i++) {
		const struct device *device = &view->runtime->devices[i];

		if (device->replay == NULL && !device->is_lost &&
			!view->watch->devices[i].link_is_known)
			return false;
	}
	return true;
}

static bool all_turn(const struct view *view)
{
	for (unsigned int i = 0; i < view->runtime->worker_count; i++)
		if (view->watch->workers[i].is_stalled)
			return false;
	return true;
}

/* Twice as often as it must be, as sd_watchdog_enabled(3) has it. */
static void feed(const struct view *view, double now)
{
	uint64_t interval; /* microseconds */

	if (sd_watchdog_enabled(0, &interval) <= 0 || now - fed < (double)interval / 2e6 ||
		!all_turn(view))
		return;
	fed = now;
	sd_notify(0, "WATCHDOG=1");
}

static const char *device_state(const struct view *view, unsigned int index)
{
	const struct device *device = &view->runtime->devices[index];

	if (device->replay != NULL)
		return "replayed";
	if (device->is_lost)
		return "lost";
	return view->watch->devices[index].link_up ? "up" : "down";
}

/* "af_xdp:eth1 up: 1200 frames/s in, 1200 out" */
static void write_status(const struct view *view, double now, char *text, size_t size)
{
	const struct counters sum = runtime_count_all(view->runtime);
	const double seconds = told != 0 ? now - told : 0;
	FILE *stream = fmemopen(text, size, "w");

	if (stream == NULL)
		return;
	for (unsigned int i = 0; i < view->runtime->device_count; i++)
		fprintf(stream, "%s%s %s", i > 0 ? ", " : "",
			view->runtime->config->devices[i].text, device_state(view, i));
	if (seconds > 0)
		fprintf(stream, ": %.0f frames/s in, %.0f out",
			(double)(sum.rx_packets - received) / seconds,
			(double)(sum.tx_packets - sent) / seconds);
	if (!all_turn(view))
		fputs("; a worker is stalled", stream);
	if (*refusal != '\0')
		fprintf(stream, "; reload refused: %s", refusal);
	fclose(stream);
	text[size - 1] = '\0'; /* what fills it has no end */
	received = sum.rx_packets;
	sent = sum.tx_packets;
}

void service_tell(const struct view *view, double now)
{
	char status[1024] = "";

	if (getenv("NOTIFY_SOCKET") == NULL || (!is_ready && !all_is_known(view)))
		return;
	feed(view, now);
	if (is_ready && now - told < STATUS_EVERY)
		return;
	write_status(view, now, status, sizeof(status));
	notify_status(is_ready ? "" : "READY=1\n", status);
	told = now;
	is_ready = true;
}

void service_reloading(void)
{
	struct timespec time;

	/* By this clock systemd tells which reload this is the begin of. */
	clock_gettime(CLOCK_MONOTONIC, &time);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		(uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000);
}

void service_reloaded(const char *why)
{
	char status[sizeof(refusal) + 32];

	snprintf(refusal, sizeof(refusal), "%s", why != NULL ? why : "");
	snprintf(status, sizeof(status), "reload%s%s", why != NULL ? " refused: " : "ed", refusal);
	notify_status("READY=1\n", status);
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=stops");
}
