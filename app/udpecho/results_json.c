/* SPDX-License-Identifier: BSD-3-Clause */
#include "results_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/* Fewer are an accident. */
#define TARDY_SHARE 0.01
#define TARDY_LEAST 10

#define IDLE_SHARE 0.1

/* jansson leaves out what it has no memory for; this is how to know. */
static bool memory_is_short;

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	memory_is_short |= memory == NULL;
	return memory;
}

static const char *const task_names[] = {
	[TASK_PING] = "ping", [TASK_LOAD] = "load", [TASK_WINDOW] = "window"};

static void number_set(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static json_t *tally_json(const struct tally *tally)
{
	json_t *object = json_object();

	number_set(object, "sent", tally->sent);
	number_set(object, "lost", tally_lost(tally));
	json_object_set_new(object, "loss_percent", json_real(tally_loss(tally)));
	for (const struct tally_row *row = tally_rows; row->name != NULL; row++)
		number_set(object, row->name, tally_value(tally, row));
	return object;
}

static json_t *histogram_json(const struct histogram *histogram)
{
	static const struct {
		const char *name;
		double share;
	} quantiles[] = {
		{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}};
	json_t *object = json_object();

	number_set(object, "count", histogram->count);
	number_set(object, "min", histogram->least);
	number_set(object, "max", histogram->most);
	json_object_set_new(object, "mean", json_real(histogram_mean(histogram)));
	json_object_set_new(object, "mdev", json_real(histogram_deviation(histogram)));
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		number_set(object, quantiles[i].name,
			histogram_quantile(histogram, quantiles[i].share));
	return object;
}

static json_t *flow_json(const struct flow *flow)
{
	json_t *object = tally_json(&flow->tally);

	number_set(object, "source_port", flow->source_port);
	return object;
}

static void marks_set(json_t *object, const struct marks *marks)
{
	json_t *dscps = json_array();

	for (int i = 0; i < 64; i++)
		if (marks->dscps >> i & 1)
			json_array_append_new(dscps, json_integer(i));
	json_object_set_new(object, "ttl",
		json_pack("{s:i, s:i}", "min", marks->ttl_least, "max", marks->ttl_most));
	json_object_set_new(object, "dscp", dscps);
}

static json_t *host_json(const struct engine *engine, unsigned int index)
{
	const struct host *host = &engine->hosts[index];
	const struct tally tally = engine_tally(engine, (int)index);
	const struct marks marks = engine_marks(engine, index);
	json_t *object = tally_json(&tally), *flows = json_array();

	json_object_set_new(object, "host", json_string(host->peer.name));
	json_object_set_new(object, "latency_ns", histogram_json(&host->latencies->all));
	json_object_set_new(object, "network_ns", histogram_json(&host->latencies->network));
	marks_set(object, &marks);
	for (unsigned int i = 0; i < engine->flow_count; i++)
		if (engine->flows[i].host == index)
			json_array_append_new(flows, flow_json(&engine->flows[i]));
	json_object_set_new(object, "flows", flows);
	return object;
}

enum status results_json(const struct engine *engine)
{
	const struct options *options = engine->options;
	const struct tally all = engine_tally(engine, -1);
	char run[17], why[256];
	json_t *results, *hosts;
	enum status status;
	char *text;

	json_set_alloc_funcs(allocate, free);
	results = json_object();
	hosts = json_array();
	(void)snprintf(run, sizeof(run), "%016" PRIx64, engine->run);
	json_object_set_new(results, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(results, "mode", json_string(task_names[options->task]));
	json_object_set_new(results, "run", json_string(run));
	json_object_set_new(
		results, "seconds", json_real((double)(engine->sent_all - engine->begun) / 1e9));
	json_object_set_new(results, "total", tally_json(&all));
	for (unsigned int i = 0; i < engine->host_count; i++)
		json_array_append_new(hosts, host_json(engine, i));
	json_object_set_new(results, "hosts", hosts);
	json_object_set_new(results, "bottleneck",
		results_bottleneck(engine, why, sizeof(why)) ? json_string(why) : json_null());
	text = json_dumps(results, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	json_decref(results);
	if (text == NULL || memory_is_short) {
		free(text);
		return report_failure("no memory for the results");
	}
	status = report_long(text);
	free(text);
	return status;
}

/* Adds a reason, after a semicolon if it is not the first. */
static void __attribute__((format(printf, 3, 4)))
reason_add(char *why, size_t size, const char *format, ...)
{
	const size_t length = strlen(why);
	va_list arguments;

	(void)snprintf(why + length, size - length, "%s", length > 0 ? "; " : "");
	va_start(arguments, format);
	(void)vsnprintf(why + strlen(why), size - strlen(why), format, arguments);
	va_end(arguments);
}

bool results_bottleneck(const struct engine *engine, char *why, size_t size)
{
	const struct tally all = engine_tally(engine, -1);
	uint64_t tardy = 0, tardiest = 0, unsent = 0, idle = 0, time = 0;

	for (unsigned int i = 0; i < engine->thread_count; i++) {
		const struct thread *thread = &engine->threads[i];

		tardy += thread->tardy;
		tardiest = thread->tardiest > tardiest ? thread->tardiest : tardiest;
		unsent += thread->unsent;
		idle += thread->idle;
		time += thread->sent_all - engine->begun;
	}
	*why = '\0';
	if (tardy >= TARDY_LEAST && (double)tardy > TARDY_SHARE * (double)all.sent)
		reason_add(why, size,
			"%" PRIu64 " datagrams left more than 1 ms late, at most %.3f ms", tardy,
			(double)tardiest / 1e6);
	if (unsent > 0)
		reason_add(why, size, "%" PRIu64 " datagrams were due, and never sent", unsent);
	if (all.no_room > 0)
		reason_add(why, size, "its queue had no room %" PRIu64 " times (ENOBUFS)",
			all.no_room);
	/* With a rate, what is left of the time is spent looking at the clock. */
	if (engine->options->task == TASK_WINDOW && (double)idle < IDLE_SHARE * (double)time)
		reason_add(why, size, "its threads were busy for %.0f %% of the time",
			100 - 100 * (double)idle / (double)time);
	if (all.overrun > 0)
		reason_add(why, size, "%" PRIu64 " replies came faster than they were read",
			all.overrun);
	return *why != '\0';
}
