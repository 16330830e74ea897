/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cores.h"
#include "json_text.h"
#include "monitor/drop_list.h"
#include "monitor/json_memory.h"
#include "monitor/metrics.h"
#include "monitor/report_json.h"
#include "monitor/status.h"
#include "names.h"

/* Makes a string of what WRITE writes: an empty one if there is no memory. */
static json_t *text_json(void (*write)(const void *subject, FILE *stream), const void *subject)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	json_t *string = NULL;

	if (stream != NULL) {
		write(subject, stream);
		if (fclose(stream) == 0)
			string = json_text(text);
	}
	free(text);
	return string != NULL ? string : json_string("");
}

static void write_health(const void *subject, FILE *stream)
{
	metrics_check_health(subject, stream);
}

static void write_why(const void *subject, FILE *stream)
{
	drop_record_explain(subject, stream);
}

static void write_header(const void *subject, FILE *stream)
{
	const struct drop_record *record = subject;

	for (unsigned int i = 0; i < record->drop.kept; i++)
		fprintf(stream, "%02x", record->drop.bytes[i]);
}

/* The last drops of each verdict by all workers: as many in all as one worker keeps. */
static json_t *drops_json(const struct runtime *runtime)
{
	unsigned int shown[VERDICT_COUNT] = {0};
	json_t *array = json_array();
	struct drop_list list;

	if (!drop_list_collect(&list, runtime))
		return array;
	for (size_t i = 0; i < list.count; i++) {
		const struct drop_record *record = &list.records[i];

		if (shown[record->verdict]++ >= DROPS_OF_EACH)
			continue;
		json_array_append_new(array,
			json_pack("{s:f, s:I, s:I, s:o, s:i, s:i, s:s, s:i, s:o, s:o}", "time",
				record->when, "ticks", (json_int_t)record->drop.when, "number",
				(json_int_t)record->drop.number, "device",
				json_text(runtime->devices[record->queue->device].config->text),
				"queue", (int)record->queue->number, "core",
				cores_nth(&runtime->cores, record->worker), "verdict",
				verdict_name(record->verdict), "length", (int)record->drop.length,
				"why", text_json(write_why, record), "header",
				text_json(write_header, record)));
	}
	drop_list_free(&list);
	return array;
}

static json_t *queues_json(const struct runtime *runtime)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++) {
			const struct worker_queue *queue = &runtime->workers[i]->queues[j];
			json_t *object = json_pack("{s:o, s:i, s:i}", "device",
				json_text(runtime->devices[queue->device].config->text), "queue",
				(int)queue->number, "core", cores_nth(&runtime->cores, i));

			for (const struct counter_name *row = counter_names; row->name != NULL;
				row++)
				json_object_set_new(object, row->name,
					json_integer(
						(json_int_t)counter_value(row, &queue->counters)));
			json_array_append_new(array, object);
		}
	return array;
}

/* Each bucket that is not empty, as [the most nanoseconds, bursts]. */
static json_t *residence_json(const struct runtime *runtime)
{
	struct residence sum = {0};
	json_t *array = json_array();

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		residence_collect(&sum, &runtime->workers[i]->residence);
	for (unsigned int i = 0; i < RESIDENCE_BUCKETS; i++)
		if (sum.buckets[i] > 0)
			json_array_append_new(array, json_pack("[f, I]", (double)residence_last(i),
							     (json_int_t)sum.buckets[i]));
	return array;
}

static json_t *texts_json(void)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		json_object_set_new(object, verdict_name(i),
			json_pack("{s:s, s:s}", "kind", names_of_kinds[verdict_kind(i)], "text",
				verdict_text(i)));
	return object;
}

static void add_states(json_t *devices, const struct view *view)
{
	for (unsigned int i = 0; i < view->runtime->device_count; i++) {
		const struct device *device = &view->runtime->devices[i];
		json_t *object = json_array_get(devices, i);

		json_object_set_new(
			object, "link_up", json_boolean(watch_device_is_up(view->watch, i)));
		json_object_set_new(object, "pool_buffers", json_integer(device->pool_size));
		json_object_set_new(object, "pool_buffers_free",
			json_integer(rte_mempool_avail_count(device->pool)));
	}
}

bool status_write(const struct view *view, FILE *stream)
{
	json_t *status;
	char host[256] = "";
	struct timespec time;

	json_memory_watch();
	status = report_json(view);
	gethostname(host, sizeof(host) - 1);
	clock_gettime(CLOCK_REALTIME, &time);
	json_object_set_new(status, "host", json_string(host));
	json_object_set_new(
		status, "time", json_real((double)time.tv_sec + (double)time.tv_nsec / 1e9));
	json_object_set_new(status, "started", json_real((double)view->runtime->started.ns / 1e9));
	json_object_set_new(status, "health", text_json(write_health, view));
	json_object_set_new(status, "texts", texts_json());
	json_object_set_new(status, "queues", queues_json(view->runtime));
	json_object_set_new(status, "residence", residence_json(view->runtime));
	json_object_set_new(status, "drops", drops_json(view->runtime));
	add_states(json_object_get(status, "devices"), view);
	json_dumpf(status, stream, JSON_COMPACT);
	fputc('\n', stream);
	json_decref(status);
	return json_memory_was_enough();
}
