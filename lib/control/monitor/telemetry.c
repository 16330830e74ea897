/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "capture/file.h"
#include "dpdk.h"
#include "monitor/drop_list.h"
#include "monitor/metrics.h"
#include "monitor/telemetry.h"
#include "names.h"

/*
 * What the commands are about, as DPDK passes no argument of ours to a callback. The lock keeps it
 * from being freed while a command reads it.
 */
static const struct view *subject;
static struct captures *subject_captures;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((format(printf, 2, 3))) static int answer_error(
	struct rte_tel_data *data, const char *format, ...)
{
	char text[RTE_TEL_MAX_STRING_LEN];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	rte_tel_data_start_dict(data);
	return rte_tel_data_add_dict_string(data, "error", text);
}

static int answer_no_device(struct rte_tel_data *data, const char *parameters)
{
	return answer_error(data, "%.32s: no such device: see /udpechod/devices", parameters);
}

/* Adds up the counters of the device whose number PARAMETERS is, or of all if that is empty. */
static int count(const char *parameters, struct counters *sum)
{
	unsigned long index;
	char *end;

	if (parameters != NULL && *parameters != '\0') {
		index = strtoul(parameters, &end, 10);
		if (*end != '\0' || index >= subject->runtime->config->device_count)
			return -EINVAL;
		*sum = runtime_count(subject->runtime, (unsigned int)index);
		return 0;
	}
	*sum = runtime_count_all(subject->runtime);
	return 0;
}

/* Adds a number, with _ for - in its name, as DPDK allows no dashes: udp_echo. */
static int add(struct rte_tel_data *data, const char *name, uint64_t value)
{
	char copy[RTE_TEL_MAX_STRING_LEN];

	snprintf(copy, sizeof(copy), "%s", name);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	return rte_tel_data_add_dict_uint(data, copy, value);
}

static int answer_info(const char *parameters, struct rte_tel_data *data)
{
	(void)parameters;
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "version", UDPECHO_VERSION);
	rte_tel_data_add_dict_string(data, "dpdk", rte_version());
	rte_tel_data_add_dict_string(data, "variant", subject->runtime->variant->name);
	rte_tel_data_add_dict_uint(data, "workers", subject->runtime->worker_count);
	rte_tel_data_add_dict_uint(data, "reloads", counter_read(&subject->reloads->done));
	rte_tel_data_add_dict_uint(
		data, "reloads_refused", counter_read(&subject->reloads->refused));
	return 0;
}

static int answer_devices(const char *parameters, struct rte_tel_data *data)
{
	(void)parameters;
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	for (unsigned int i = 0; i < subject->runtime->config->device_count; i++)
		rte_tel_data_add_array_string(data, subject->runtime->config->devices[i].text);
	return 0;
}

static int answer_verdicts(const char *parameters, struct rte_tel_data *data)
{
	struct counters sum;

	if (count(parameters, &sum) < 0)
		return answer_no_device(data, parameters);
	rte_tel_data_start_dict(data);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (add(data, verdict_name(i), sum.verdicts[i]) < 0)
			return -EINVAL;
	return 0;
}

static int answer_counters(const char *parameters, struct rte_tel_data *data)
{
	struct counters sum;

	if (count(parameters, &sum) < 0)
		return answer_no_device(data, parameters);
	rte_tel_data_start_dict(data);
	for (const struct counter_name *row = counter_names; row->name != NULL; row++)
		if (add(data, row->name, counter_value(row, &sum)) < 0)
			return -EINVAL;
	return 0;
}

static int answer_health(const char *parameters, struct rte_tel_data *data)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)parameters;
	if (stream == NULL)
		return -ENOMEM;
	if (metrics_check_health(subject, stream))
		fputs("ok", stream);
	if (fclose(stream) == 0)
		rte_tel_data_string(data, text);
	free(text);
	return 0;
}

/* DPDK's answer has room for no more, and for no list of dictionaries: each drop has a number. */
#define DROPS_ANSWERED  24
#define HEADER_ANSWERED 62U /* bytes: Ethernet, IPv6 and UDP */

static int add_drop(
	struct rte_tel_data *data, unsigned int number, const struct drop_record *record)
{
	struct rte_tel_data *drop = rte_tel_data_alloc();
	char text[RTE_TEL_MAX_STRING_LEN] = "";
	FILE *stream;

	if (drop == NULL)
		return -ENOMEM;
	rte_tel_data_start_dict(drop);
	snprintf(text, sizeof(text), "%.6f", record->when);
	rte_tel_data_add_dict_string(drop, "time", text);
	rte_tel_data_add_dict_string(drop, "verdict", verdict_name(record->verdict));
	stream = fmemopen(text, sizeof(text), "w");
	if (stream != NULL) {
		drop_record_explain(record, stream);
		fclose(stream);
		text[sizeof(text) - 1] = '\0'; /* a text that fills it has no end */
		rte_tel_data_add_dict_string(drop, "why", text);
	}
	rte_tel_data_add_dict_uint(drop, "device", record->queue->device);
	rte_tel_data_add_dict_uint(drop, "queue", record->queue->number);
	rte_tel_data_add_dict_uint(drop, "length", record->drop.length);
	text[0] = '\0';
	for (unsigned int i = 0; i < RTE_MIN(record->drop.kept, HEADER_ANSWERED); i++)
		snprintf(&text[(size_t)2 * i], sizeof(text) - (size_t)2 * i, "%02x",
			record->drop.bytes[i]);
	rte_tel_data_add_dict_string(drop, "header", text);
	snprintf(text, sizeof(text), "%u", number);
	return rte_tel_data_add_dict_container(data, text, drop, 0);
}

static int answer_drops(const char *parameters, struct rte_tel_data *data)
{
	verdict_set wanted = VERDICT_SET_ALL;
	struct drop_list list;
	unsigned int added = 0;
	int result = 0;

	if (parameters != NULL && *parameters != '\0')
		wanted = names_find_verdicts(parameters);
	if (wanted == VERDICT_SET_NONE)
		return answer_error(
			data, "%.64s: no such verdict: see /udpechod/verdicts", parameters);
	rte_tel_data_start_dict(data);
	if (!drop_list_collect(&list, subject->runtime))
		return -ENOMEM;
	for (size_t i = 0; i < list.count && added < DROPS_ANSWERED && result == 0; i++)
		if (verdict_set_has(wanted, list.records[i].verdict))
			result = add_drop(data, added++, &list.records[i]);
	drop_list_free(&list);
	return result;
}

static int answer_capture(const char *parameters, struct rte_tel_data *data)
{
	struct capture_state state;
	char path[RTE_TEL_MAX_STRING_LEN], why[RTE_TEL_MAX_STRING_LEN];

	(void)parameters;
	capture_file_state(subject_captures, &state);
	snprintf(path, sizeof(path), "%.127s", state.path);
	snprintf(why, sizeof(why), "%.127s", state.why);
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "state", state.state);
	rte_tel_data_add_dict_string(data, "file", path);
	rte_tel_data_add_dict_uint(data, "packets", state.packets);
	rte_tel_data_add_dict_uint(data, "bytes", state.bytes);
	rte_tel_data_add_dict_uint(data, "missed", state.missed);
	rte_tel_data_add_dict_string(data, "why", why);
	return 0;
}

static int answer_capture_start(const char *parameters, struct rte_tel_data *data)
{
	struct capture_request request;
	struct error error;

	if (capture_request_read(&request, parameters != NULL ? parameters : "", &error) == 0 &&
		capture_file_start(subject_captures, &request, &error) == 0)
		return answer_capture(parameters, data);
	return answer_error(data, "%s", error.text);
}

static int answer_capture_stop(const char *parameters, struct rte_tel_data *data)
{
	capture_file_stop(subject_captures);
	return answer_capture(parameters, data);
}

static const struct {
	const char *command;
	int (*answer)(const char *parameters, struct rte_tel_data *data);
	const char *help;
} rows[] = {
	{"/udpechod/info", answer_info, "The version, the variant, the workers, the reloads."},
	{"/udpechod/devices", answer_devices, "The devices; the first is number 0."},
	{"/udpechod/verdicts", answer_verdicts,
		"Frames by verdict. Parameter: the number of a device (default: all)."},
	{"/udpechod/counters", answer_counters,
		"The other counters. Parameter: the number of a device (default: all)."},
	{"/udpechod/drops", answer_drops,
		"The last drops, the latest first. Parameter: a verdict (default: all)."},
	{"/udpechod/capture", answer_capture, "The state of the last capture."},
	{"/udpechod/capture/start", answer_capture_start,
		"Starts a capture to a pcapng file: file=/PATH,verdict=NAME,seconds=N,filter=...: "
		"see "
		"udpechod(8)."},
	{"/udpechod/capture/stop", answer_capture_stop,
		"Ends the capture, and completes its file."},
	{"/udpechod/health", answer_health, "ok, or a line for each fault."},
};

/* DPDK reads one character more at most, and cuts off the rest of a filter silently. */
#define COMMAND_MOST 1022

static int answer(const char *command, const char *parameters, struct rte_tel_data *data)
{
	int result = -ENOENT;

	if (parameters != NULL && strlen(command) + 1 + strlen(parameters) > COMMAND_MOST)
		return answer_error(
			data, "the command is too long: give at most %d characters", COMMAND_MOST);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < RTE_DIM(rows) && subject != NULL; i++)
		if (strcmp(rows[i].command, command) == 0)
			result = rows[i].answer(parameters, data);
	pthread_mutex_unlock(&lock);
	return result;
}

static void set_subject(const struct view *view, struct captures *captures)
{
	pthread_mutex_lock(&lock);
	subject = view;
	subject_captures = captures;
	pthread_mutex_unlock(&lock);
}

void telemetry_start(const struct view *view, struct captures *captures)
{
	set_subject(view, captures);
	for (size_t i = 0; i < RTE_DIM(rows); i++)
		rte_telemetry_register_cmd(rows[i].command, answer, rows[i].help);
}

void telemetry_stop(void)
{
	set_subject(NULL, NULL);
}
