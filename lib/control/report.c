/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include <udpecho/report.h>

#include "cores.h"
#include "format.h"
#include "policy_set.h"

/* The counters besides the verdicts, in the order of the report. */
static const struct {
	const char *name;
	size_t offset;    /* in struct counters */
	const char *text; /* for the text report; NULL: it has a line of its own there */
} rows[] = {
	{"rx_packets", offsetof(struct counters, rx_packets), NULL},
	{"rx_bytes", offsetof(struct counters, rx_bytes), NULL},
	{"tx_packets", offsetof(struct counters, tx_packets), NULL},
	{"tx_bytes", offsetof(struct counters, tx_bytes), NULL},
	{"tx_full", offsetof(struct counters, tx_full), "the device did not take them"},
	{"fragments_added", offsetof(struct counters, fragments_added),
		"of replies longer than the MTU, beyond the first of each"},
	{"fragments_expired", offsetof(struct counters, fragments_expired),
		"kept in vain: the rest of the datagram did not come"},
	{"announcements", offsetof(struct counters, announcements), "gratuitous ARP sent"},
	{"arp_conflicts", offsetof(struct counters, arp_conflicts),
		"ARP from another station with an address of ours"},
	{"partial_checksums", offsetof(struct counters, partial_checksums),
		"finished for the sender's virtual link"},
};

/* What went wrong with a device while it ran. */
static const struct {
	const char *name;
	size_t offset; /* in struct device_faults */
	const char *text;
} faults[] = {
	{"link_changes", offsetof(struct device_faults, link_changes), "the link went or came"},
	{"tx_stalls", offsetof(struct device_faults, tx_stalls),
		"it took no reply for a second or more"},
	{"pool_exhausted", offsetof(struct device_faults, pool_exhausted),
		"it had no packet buffer left"},
};

#define FAULT_COUNT (sizeof(faults) / sizeof(faults[0]))

static uint64_t fault_value(const struct device *device, size_t index)
{
	return *(const uint64_t *)((const char *)&device->faults + faults[index].offset);
}

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static uint64_t row_value(const struct counters *counters, size_t row)
{
	return *(const uint64_t *)((const char *)counters + rows[row].offset);
}

static void add_worker(struct counters *sum, const struct worker *worker)
{
	for (unsigned int i = 0; i < worker->queue_count; i++)
		counters_collect(sum, &worker->queues[i].counters);
}

static struct counters sum_all(const struct appliance *appliance)
{
	struct counters sum = {0};

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		add_worker(&sum, appliance->workers[i]);
	return sum;
}

static void set_number(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static void set_counters(json_t *object, const struct counters *counters)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		set_number(object, rows[i].name, row_value(counters, i));
}

static json_t *verdicts_json(const struct counters *counters)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		set_number(object, verdict_name(i), counters->verdicts[i]);
	return object;
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
	set_counters(object, &counters);
	set_number(object, "rx_missed", device->stats.imissed);
	set_number(object, "rx_errors", device->stats.ierrors);
	set_number(object, "rx_nombuf", device->stats.rx_nombuf);
	set_number(object, "tx_errors", device->stats.oerrors);
	for (size_t i = 0; i < FAULT_COUNT; i++)
		set_number(object, faults[i].name, fault_value(device, i));
	return object;
}

static json_t *report_json(const struct appliance *appliance)
{
	const struct counters counters = sum_all(appliance);
	json_t *report = json_object(), *devices = json_array(), *workers = json_array();

	json_object_set_new(report, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(report, "uptime_s", json_real(appliance->stopped - appliance->started));
	set_counters(report, &counters);
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
		set_counters(worker, &sum);
		set_number(worker, "queues", appliance->workers[i]->queue_count);
		set_number(worker, "rounds", appliance->workers[i]->rounds);
		set_number(worker, "empty_polls", appliance->workers[i]->empty_polls);
		set_number(worker, "stalls", appliance->worker_watches[i].stalls);
		json_array_append_new(workers, worker);
	}
	json_object_set_new(report, "workers", workers);
	return report;
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
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (fault_value(device, i) > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", faults[i].name,
				fault_value(device, i), faults[i].text);
}

static void write_text(const struct appliance *appliance, FILE *stream)
{
	const struct counters counters = sum_all(appliance);

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
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (counters.verdicts[i] > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", verdict_name(i),
				counters.verdicts[i], verdict_text(i));
	/* What is worth a line only where it happened. */
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].text != NULL && row_value(&counters, i) > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", rows[i].name,
				row_value(&counters, i), rows[i].text);
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
