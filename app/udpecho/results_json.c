/* SPDX-License-Identifier: BSD-3-Clause */
#include "results_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "bottleneck.h"
#include "engine.h"

/* jansson leaves out members that it has no memory for: this flag tells. */
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
		bottleneck_find(engine, why, sizeof(why)) ? json_string(why) : json_null());
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
