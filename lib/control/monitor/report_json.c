/* SPDX-License-Identifier: BSD-3-Clause */
#include "monitor/report_json.h"

#include "cores.h"
#include "format.h"
#include "json_text.h"
#include "names.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"

static void set_number(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void set_named(json_t *object, const struct counter_name names[], const void *base)
{
	for (; names->name != NULL; names++)
		set_number(object, names->name, counter_value(names, base));
}

static json_t *verdicts_json(const struct counters *counters)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		set_number(object, verdict_name(i), counters->verdicts[i]);
	return object;
}

/* The residence time: how long frames stayed with us. One burst in RESIDENCE_SAMPLE is measured. */
static json_t *residence_json(const struct worker *worker)
{
	json_t *object = json_object();
	struct residence residence = {0};

	residence_collect(&residence, &worker->residence);
	set_number(object, "bursts", residence_count(&residence));
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		set_number(object, quantile_names[i].name,
			residence_quantile(&residence, quantile_names[i].share));
	return object;
}

static json_t *device_json(const struct view *view, unsigned int index, const struct policy *policy)
{
	const struct device *device = &view->runtime->devices[index];
	const struct identity *identity = &policy->identity;
	const struct counters counters = runtime_count(view->runtime, index);
	json_t *object = json_object(), *addresses = json_array();
	struct rte_eth_stats stats;

	json_object_set_new(object, "device", json_text(device->config->text));
	json_object_set_new(object, "lost", json_boolean(device->is_lost));
	set_number(object, "mtu", policy->mtu);
	json_object_set_new(object, "mac", json_string(format_mac(&identity->mac).text));
	for (unsigned int i = 0; i < identity->address_count; i++)
		json_array_append_new(
			addresses, json_string(format_address(identity->addresses[i]).text));
	json_object_set_new(object, "addresses", addresses);
	set_named(object, counter_names, &counters);
	device_stats(device, &stats);
	set_named(object, driver_names, &stats);
	set_named(object, fault_names, &view->watch->devices[index].faults);
	set_named(object, skip_names, &device->skips);
	return object;
}

static json_t *worker_json(const struct view *view, unsigned int index)
{
	const struct worker *worker = view->runtime->workers[index];
	struct counters sum = {0};
	json_t *object = json_object();

	for (unsigned int i = 0; i < worker->queue_count; i++)
		counters_collect(&sum, &worker->queues[i].counters);
	json_object_set_new(object, "core", json_integer(cores_nth(&view->runtime->cores, index)));
	set_named(object, counter_names, &sum);
	set_number(object, "queues", worker->queue_count);
	set_number(object, "rounds", __atomic_load_n(&worker->rounds, __ATOMIC_RELAXED));
	set_number(object, "empty_polls", __atomic_load_n(&worker->empty_polls, __ATOMIC_RELAXED));
	json_object_set_new(object, "busy_s", json_real(worker_busy_s(worker)));
	json_object_set_new(object, "residence_ns", residence_json(worker));
	set_number(object, "stalls", counter_read(&view->watch->workers[index].stalls));
	return object;
}

json_t *report_json(const struct view *view)
{
	const struct runtime *runtime = view->runtime;
	const struct counters counters = runtime_count_all(runtime);
	const struct policy_set *policies;
	json_t *report = json_object(), *devices = json_array(), *workers = json_array();

	json_object_set_new(report, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(report, "uptime_s", json_real(runtime_uptime(runtime)));
	set_named(report, counter_names, &counters);
	set_number(report, "reloads", counter_read(&view->reloads->done));
	set_number(report, "reloads_refused", counter_read(&view->reloads->refused));
	json_object_set_new(report, "verdicts", verdicts_json(&counters));
	policies = policy_set_hold(runtime);
	for (unsigned int i = 0; i < runtime->device_count; i++)
		json_array_append_new(devices, device_json(view, i, &policies->policies[i]));
	policy_set_let_go();
	json_object_set_new(report, "devices", devices);
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		json_array_append_new(workers, worker_json(view, i));
	json_object_set_new(report, "workers", workers);
	return report;
}
