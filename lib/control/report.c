/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include <rte_cycles.h>

#include <udpecho/report.h>

#include "cores.h"
#include "format.h"
#include "names.h"
#include "policy_set.h"

static void add_worker(struct counters *sum, const struct worker *worker)
{
	for (unsigned int i = 0; i < worker->queue_count; i++)
		counters_collect(sum, &worker->queues[i].counters);
}

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

static const struct {
	const char *name;
	double share;
} quantiles[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

static double nanoseconds(uint64_t ticks)
{
	return (double)ticks * 1e9 / (double)rte_get_tsc_hz();
}

/* How long frames stayed; of one burst in RESIDENCE_SAMPLE. */
static json_t *residence_json(const struct residence *residence)
{
	json_t *object = json_object();

	set_number(object, "bursts", residence_count(residence));
	for (size_t i = 0; i < RTE_DIM(quantiles); i++)
		set_number(object, quantiles[i].name,
			(uint64_t)nanoseconds(residence_quantile(residence, quantiles[i].share)));
	return object;
}

static void write_residence(const struct appliance *appliance, FILE *stream)
{
	struct residence sum = {0};

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		residence_collect(&sum, &appliance->workers[i]->residence);
	if (residence_count(&sum) == 0)
		return;
	fputs("residence", stream);
	for (size_t i = 0; i < RTE_DIM(quantiles); i++)
		fprintf(stream, "  %s %.1f us", quantiles[i].name,
			nanoseconds(residence_quantile(&sum, quantiles[i].share)) / 1000);
	fprintf(stream, "  of %" PRIu64 " bursts\n", residence_count(&sum));
}

static json_t *device_json(const struct appliance *appliance, unsigned int index)
{
	const struct device *device = &appliance->devices[index];
	const struct identity *identity = &appliance->policies->policies[index].identity;
	const struct counters counters = appliance_count(appliance, index);
	json_t *object = json_object(), *addresses = json_array();

	json_object_set_new(object, "device", json_string(device->config->text));
	json_object_set_new(object, "mac", json_string(format_mac(&identity->mac).text));
	for (unsigned int i = 0; i < identity->address_count; i++)
		json_array_append_new(addresses,
			json_string(format_address(identity->addresses[i].address).text));
	json_object_set_new(object, "addresses", addresses);
	set_named(object, counter_names, &counters);
	set_named(object, driver_names, &device->stats);
	set_named(object, fault_names, &device->faults);
	return object;
}

static json_t *report_json(const struct appliance *appliance)
{
	const struct counters counters = appliance_count_all(appliance);
	json_t *report = json_object(), *devices = json_array(), *workers = json_array();

	json_object_set_new(report, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(report, "uptime_s", json_real(appliance->stopped - appliance->started));
	set_named(report, counter_names, &counters);
	set_number(report, "reloads", appliance->reloads);
	set_number(report, "reloads_refused", appliance->reloads_refused);
	json_object_set_new(report, "verdicts", verdicts_json(&counters));
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		json_array_append_new(devices, device_json(appliance, i));
	json_object_set_new(report, "devices", devices);
	for (unsigned int i = 0; i < appliance->worker_count; i++) {
		struct counters sum = {0};
		json_t *worker = json_object();

		add_worker(&sum, appliance->workers[i]);
		json_object_set_new(worker, "core", json_integer(cores_nth(&appliance->cores, i)));
		set_named(worker, counter_names, &sum);
		set_number(worker, "queues", appliance->workers[i]->queue_count);
		set_number(worker, "rounds", appliance->workers[i]->rounds);
		set_number(worker, "empty_polls", appliance->workers[i]->empty_polls);
		json_object_set_new(
			worker, "residence_ns", residence_json(&appliance->workers[i]->residence));
		set_number(worker, "stalls", appliance->worker_watches[i].stalls);
		json_array_append_new(workers, worker);
	}
	json_object_set_new(report, "workers", workers);
	return report;
}

/* A line for what happened, and none for what did not. */
static void write_named(const struct counter_name names[], const void *base, FILE *stream)
{
	for (; names->name != NULL; names++)
		if (!names->is_total && counter_value(names, base) > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", names->name,
				counter_value(names, base), names->text);
}

static void write_device_text(const struct appliance *appliance, unsigned int index, FILE *stream)
{
	const struct device *device = &appliance->devices[index];
	const struct identity *identity = &appliance->policies->policies[index].identity;
	const struct rte_eth_stats *stats = &device->stats;

	fprintf(stream, "device %s  mac %s ", device->config->text,
		format_mac(&identity->mac).text);
	for (unsigned int i = 0; i < identity->address_count; i++)
		fprintf(stream, " %s", format_address(identity->addresses[i].address).text);
	fputc('\n', stream);
	if (stats->imissed + stats->ierrors + stats->rx_nombuf + stats->oerrors > 0)
		fprintf(stream,
			"  lost by the driver: rx_missed %" PRIu64 ", rx_errors %" PRIu64
			", rx_nombuf %" PRIu64 ", tx_errors %" PRIu64 "\n",
			stats->imissed, stats->ierrors, stats->rx_nombuf, stats->oerrors);
	write_named(fault_names, &device->faults, stream);
}

static void write_text(const struct appliance *appliance, FILE *stream)
{
	const struct counters counters = appliance_count_all(appliance);

	fprintf(stream, "udpechod %s: ran for %.3f s\n", UDPECHO_VERSION,
		appliance->stopped - appliance->started);
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		write_device_text(appliance, i, stream);
	if (appliance->reloads + appliance->reloads_refused > 0)
		fprintf(stream, "reloads  %14" PRIu64 " and %" PRIu64 " refused\n",
			appliance->reloads, appliance->reloads_refused);
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		if (appliance->worker_watches[i].stalls > 0)
			fprintf(stream, "worker on core %d stood still %" PRIu64 " times\n",
				cores_nth(&appliance->cores, i),
				appliance->worker_watches[i].stalls);
	fprintf(stream, "received %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.rx_packets,
		counters.rx_bytes);
	fprintf(stream, "sent     %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.tx_packets,
		counters.tx_bytes);
	write_residence(appliance, stream);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (counters.verdicts[i] > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", verdict_name(i),
				counters.verdicts[i], verdict_text(i));
	write_named(counter_names, &counters, stream);
}

int report_write(const struct appliance *appliance, FILE *stream, struct error *error)
{
	if (appliance->config->report == REPORT_JSON) {
		json_t *report = report_json(appliance);

		json_dumpf(report, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
		fputc('\n', stream);
		json_decref(report);
	} else {
		write_text(appliance, stream);
	}
	if (fflush(stream) != 0 || ferror(stream))
		return error_set(error, EIO, "cannot write the report: %s", strerror(errno));
	return 0;
}
