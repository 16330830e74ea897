/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cores.h"
#include "format.h"
#include "monitor/json_memory.h"
#include "monitor/report.h"
#include "monitor/report_json.h"
#include "names.h"
#include "runtime/policy_set.h"

static void write_residence(const struct runtime *runtime, FILE *stream)
{
	struct residence sum = {0};

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		residence_collect(&sum, &runtime->workers[i]->residence);
	if (residence_count(&sum) == 0)
		return;
	fputs("residence", stream);
	for (size_t i = 0; i < QUANTILE_COUNT; i++)
		fprintf(stream, "  %s %.1f us", quantile_names[i].name,
			(double)residence_quantile(&sum, quantile_names[i].share) / 1000);
	fprintf(stream, "  of %" PRIu64 " bursts\n", residence_count(&sum));
}

/* Writes a line for each counter that is not 0. */
static void write_named(const struct counter_name names[], const void *base, FILE *stream)
{
	for (; names->name != NULL; names++)
		if (!names->is_total && counter_value(names, base) > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", names->name,
				counter_value(names, base), names->text);
}

static void write_device_text(const struct view *view, unsigned int index, FILE *stream)
{
	const struct device *device = &view->runtime->devices[index];
	const struct identity *identity = &view->runtime->policies->policies[index].identity;
	struct rte_eth_stats stats;

	device_stats(device, &stats);
	fprintf(stream, "device %s  mac %s ", device->config->text,
		format_mac(&identity->mac).text);
	for (unsigned int i = 0; i < identity->address_count; i++)
		fprintf(stream, " %s", format_address(identity->addresses[i]).text);
	fputs(device->is_lost ? "  lost\n" : "\n", stream);
	if (stats.imissed + stats.ierrors + stats.rx_nombuf + stats.oerrors > 0)
		fprintf(stream,
			"  lost by the driver: rx_missed %" PRIu64 ", rx_errors %" PRIu64
			", rx_nombuf %" PRIu64 ", tx_errors %" PRIu64 "\n",
			stats.imissed, stats.ierrors, stats.rx_nombuf, stats.oerrors);
	write_named(fault_names, &view->watch->devices[index].faults, stream);
	write_named(skip_names, &device->skips, stream);
}

static void write_text(const struct view *view, FILE *stream)
{
	const struct runtime *runtime = view->runtime;
	const struct watch *watch = view->watch;
	const struct reload_counts *reloads = view->reloads;
	const struct counters counters = runtime_count_all(runtime);

	fprintf(stream, "udpechod %s: ran for %.3f s\n", UDPECHO_VERSION, runtime_uptime(runtime));
	for (unsigned int i = 0; i < runtime->device_count; i++)
		write_device_text(view, i, stream);
	if (reloads->done + reloads->refused > 0)
		fprintf(stream, "reloads  %14" PRIu64 " and %" PRIu64 " refused\n", reloads->done,
			reloads->refused);
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		if (watch->workers[i].stalls > 0)
			fprintf(stream, "worker on core %d stalled %" PRIu64 " times\n",
				cores_nth(&runtime->cores, i), watch->workers[i].stalls);
	fprintf(stream, "received %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.rx_packets,
		counters.rx_bytes);
	fprintf(stream, "sent     %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.tx_packets,
		counters.tx_bytes);
	write_residence(runtime, stream);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (counters.verdicts[i] > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", verdict_name(i),
				counters.verdicts[i], verdict_text(i));
	write_named(counter_names, &counters, stream);
}

int report_write(const struct view *view, FILE *stream, struct error *error)
{
	if (view->runtime->config->report == REPORT_JSON) {
		json_t *report;

		json_memory_watch();
		report = report_json(view);
		/* With --explain each object is one line, and so is the report. */
		json_dumpf(report, stream,
			(view->runtime->config->explain ? JSON_COMPACT : JSON_INDENT(2)) |
				JSON_REAL_PRECISION(6));
		fputc('\n', stream);
		json_decref(report);
		if (!json_memory_was_enough())
			return error_set(error, ENOMEM, "cannot write the report: no memory");
	} else {
		write_text(view, stream);
	}
	if (fflush(stream) != 0 || ferror(stream))
		return error_set(error, EIO, "cannot write the report: %s", strerror(errno));
	return 0;
}
