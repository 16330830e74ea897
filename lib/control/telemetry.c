/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_telemetry.h>
#include <rte_version.h>

#include "metrics.h"
#include "names.h"
#include "telemetry.h"

/* Callbacks get no argument of ours. The lock keeps the appliance there while one looks at it. */
static const struct appliance *subject;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The counters of the device whose number is PARAMETERS; of all, where there is none. */
static int count(const char *parameters, struct counters *sum)
{
	unsigned long index;
	char *end;

	if (parameters != NULL && *parameters != '\0') {
		index = strtoul(parameters, &end, 10);
		if (*end != '\0' || index >= subject->config->device_count)
			return -EINVAL;
		*sum = appliance_count(subject, (unsigned int)index);
		return 0;
	}
	*sum = appliance_count_all(subject);
	return 0;
}

/* DPDK takes no dashes in names: udp_echo. */
static int add(struct rte_tel_data *data, const char *name, uint64_t value)
{
	char copy[RTE_TEL_MAX_STRING_LEN];

	snprintf(copy, sizeof(copy), "%s", name);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	return rte_tel_data_add_dict_u64(data, copy, value);
}

static int answer_info(const char *parameters, struct rte_tel_data *data)
{
	(void)parameters;
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "version", UDPECHO_VERSION);
	rte_tel_data_add_dict_string(data, "dpdk", rte_version());
	rte_tel_data_add_dict_string(data, "variant", subject->variant->name);
	rte_tel_data_add_dict_u64(data, "workers", subject->worker_count);
	rte_tel_data_add_dict_u64(data, "reloads", subject->reloads);
	rte_tel_data_add_dict_u64(data, "reloads_refused", subject->reloads_refused);
	return 0;
}

static int answer_devices(const char *parameters, struct rte_tel_data *data)
{
	(void)parameters;
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	for (unsigned int i = 0; i < subject->config->device_count; i++)
		rte_tel_data_add_array_string(data, subject->config->devices[i].text);
	return 0;
}

static int answer_verdicts(const char *parameters, struct rte_tel_data *data)
{
	struct counters sum;

	if (count(parameters, &sum) < 0)
		return -EINVAL;
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
		return -EINVAL;
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

static const struct {
	const char *command;
	int (*answer)(const char *parameters, struct rte_tel_data *data);
	const char *help;
} rows[] = {
	{"/udpechod/info", answer_info, "Version, variant, workers, reloads."},
	{"/udpechod/devices", answer_devices, "The devices; the first is number 0."},
	{"/udpechod/verdicts", answer_verdicts,
		"Frames by verdict. Parameter: the number of a device (all)."},
	{"/udpechod/counters", answer_counters,
		"What else is counted. Parameter: the number of a device (all)."},
	{"/udpechod/health", answer_health, "ok, or what is wrong."},
};

static int answer(const char *command, const char *parameters, struct rte_tel_data *data)
{
	int result = -ENOENT;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < RTE_DIM(rows) && subject != NULL; i++)
		if (strcmp(rows[i].command, command) == 0)
			result = rows[i].answer(parameters, data);
	pthread_mutex_unlock(&lock);
	return result;
}

static void set_subject(const struct appliance *appliance)
{
	pthread_mutex_lock(&lock);
	subject = appliance;
	pthread_mutex_unlock(&lock);
}

void telemetry_start(const struct appliance *appliance)
{
	set_subject(appliance);
	for (size_t i = 0; i < RTE_DIM(rows); i++)
		rte_telemetry_register_cmd(rows[i].command, answer, rows[i].help);
}

void telemetry_stop(void)
{
	set_subject(NULL);
}
