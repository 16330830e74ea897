/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>

#include <rte_version.h>

#include "cores.h"
#include "monitor/metrics.h"
#include "names.h"
#include "runtime/workers.h"

#define PREFIX "udpechod_"

static void head(FILE *stream, const char *name, const char *type, const char *help)
{
	fprintf(stream, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

/* Writes the value of a label, with backslash, quote and line feed escaped. */
static void put_label(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '\n':
			fputs("\\n", stream);
			break;
		case '\\':
		case '"':
			fputc('\\', stream);
			/* fall through */
		default:
			fputc(*text, stream);
		}
}

static void put_device(FILE *stream, const char *name, const struct device *device)
{
	fprintf(stream, PREFIX "%s{device=\"", name);
	put_label(stream, device->config->text);
	fputs("\"", stream);
}

/* Writes the name and the labels of a sample. The caller writes its value. */
static void put_queue(FILE *stream, const char *name, const struct runtime *runtime,
	unsigned int worker, const struct worker_queue *queue)
{
	put_device(stream, name, &runtime->devices[queue->device]);
	fprintf(stream, ",queue=\"%u\",core=\"%d\"", queue->number,
		cores_nth(&runtime->cores, worker));
}

static void write_verdicts(const struct runtime *runtime, FILE *stream)
{
	head(stream, "frames_total", "counter",
		"Frames by verdict. Every frame received has one verdict.");
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++)
			for (unsigned int k = 0; k < VERDICT_COUNT; k++) {
				const struct worker_queue *queue = &runtime->workers[i]->queues[j];

				put_queue(stream, "frames_total", runtime, i, queue);
				fprintf(stream, ",verdict=\"%s\",kind=\"%s\"} %" PRIu64 "\n",
					verdict_name(k), names_of_kinds[verdict_kind(k)],
					__atomic_load_n(
						&queue->counters.verdicts[k], __ATOMIC_RELAXED));
			}
}

static void write_counter(
	const struct runtime *runtime, const struct counter_name *row, FILE *stream)
{
	char name[64], help[128];

	snprintf(name, sizeof(name), "%s_total", row->name);
	snprintf(help, sizeof(help), "%s.", row->text);
	head(stream, name, "counter", help);
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (unsigned int j = 0; j < runtime->workers[i]->queue_count; j++) {
			const struct worker_queue *queue = &runtime->workers[i]->queues[j];

			put_queue(stream, name, runtime, i, queue);
			fprintf(stream, "} %" PRIu64 "\n", counter_value(row, &queue->counters));
		}
}

/* Writes the counters of each device. They are in its struct in BASES. */
static void write_device_counters(const struct runtime *runtime, const struct counter_name rows[],
	const void *const bases[], FILE *stream)
{
	for (; rows->name != NULL; rows++) {
		char name[64], help[128];

		snprintf(name, sizeof(name), "device_%s_total", rows->name);
		snprintf(help, sizeof(help), "%s.", rows->text);
		head(stream, name, "counter", help);
		for (unsigned int i = 0; i < runtime->device_count; i++) {
			put_device(stream, name, &runtime->devices[i]);
			fprintf(stream, "} %" PRIu64 "\n", counter_value(rows, bases[i]));
		}
	}
}

/* Asks each driver only once, as the driver may have to ask the hardware. */
static void write_devices(const struct view *view, FILE *stream)
{
	const struct runtime *runtime = view->runtime;
	struct rte_eth_stats stats[CONFIG_DEVICES_MAX];
	const void *drivers[CONFIG_DEVICES_MAX], *faults[CONFIG_DEVICES_MAX];

	for (unsigned int i = 0; i < runtime->device_count; i++) {
		device_stats(&runtime->devices[i], &stats[i]);
		drivers[i] = &stats[i];
		faults[i] = &view->watch->devices[i].faults;
	}
	write_device_counters(runtime, driver_names, drivers, stream);
	write_device_counters(runtime, fault_names, faults, stream);
}

static uint64_t is_up(const struct view *view, unsigned int index)
{
	return watch_device_is_up(view->watch, index);
}

static uint64_t pool_size(const struct view *view, unsigned int index)
{
	return view->runtime->devices[index].pool_size;
}

static uint64_t pool_free(const struct view *view, unsigned int index)
{
	return rte_mempool_avail_count(view->runtime->devices[index].pool);
}

static void write_states(const struct view *view, FILE *stream)
{
	static const struct {
		const char *name, *help;
		uint64_t (*of)(const struct view *view, unsigned int index);
	} states[] = {
		{"device_link_up", "1: the device is there, and its link is up. 0: it is not.",
			is_up},
		{"device_pool_buffers", "Packet buffers that the device has.", pool_size},
		{"device_pool_buffers_free", "Packet buffers that are free.", pool_free},
	};

	for (size_t i = 0; i < RTE_DIM(states); i++) {
		head(stream, states[i].name, "gauge", states[i].help);
		for (unsigned int j = 0; j < view->runtime->device_count; j++) {
			put_device(stream, states[i].name, &view->runtime->devices[j]);
			fprintf(stream, "} %" PRIu64 "\n", states[i].of(view, j));
		}
	}
}

static uint64_t polls(const struct view *view, unsigned int index)
{
	const struct worker *worker = view->runtime->workers[index];

	return __atomic_load_n(&worker->rounds, __ATOMIC_RELAXED) * worker->queue_count;
}

static uint64_t empty_polls(const struct view *view, unsigned int index)
{
	return counter_read(&view->runtime->workers[index]->empty_polls);
}

static uint64_t stalls(const struct view *view, unsigned int index)
{
	return counter_read(&view->watch->workers[index].stalls);
}

static void write_workers(const struct view *view, FILE *stream)
{
	static const struct {
		const char *name, *help;
		uint64_t (*of)(const struct view *view, unsigned int index);
	} counters[] = {
		{"worker_polls_total", "How often the worker polled a receive queue.", polls},
		{"worker_empty_polls_total",
			"Polls that found no frame. The fewer there are, the closer the worker is "
			"to its limit.",
			empty_polls},
		{"worker_stalls_total",
			"How often the worker stalled: it polled nothing for a second or more.",
			stalls},
	};
	const struct runtime *runtime = view->runtime;

	for (size_t i = 0; i < RTE_DIM(counters); i++) {
		head(stream, counters[i].name, "counter", counters[i].help);
		for (unsigned int j = 0; j < runtime->worker_count; j++)
			fprintf(stream, PREFIX "%s{core=\"%d\"} %" PRIu64 "\n", counters[i].name,
				cores_nth(&runtime->cores, j), counters[i].of(view, j));
	}
	head(stream, "worker_busy_seconds_total", "counter",
		"Seconds that the worker spent on frames. The rate is the share of the core that "
		"it used.");
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		fprintf(stream, PREFIX "worker_busy_seconds_total{core=\"%d\"} %.9f\n",
			cores_nth(&runtime->cores, i), worker_busy_s(runtime->workers[i]));
}

/*
 * The buckets of the histogram end at powers of two of nanoseconds, from 64 ns to a second. All
 * machines have the same buckets, so that one may add them up.
 */
static void write_residence(const struct runtime *runtime, FILE *stream)
{
	head(stream, "residence_seconds", "histogram",
		"Time from the receipt of a burst to the transmission of its replies. One burst in "
		"64 "
		"is measured.");
	for (unsigned int i = 0; i < runtime->worker_count; i++) {
		const int core = cores_nth(&runtime->cores, i);
		struct residence copy = {0};

		residence_collect(&copy, &runtime->workers[i]->residence);
		for (unsigned int power = 6; power <= 30; power++)
			fprintf(stream,
				PREFIX "residence_seconds_bucket{core=\"%d\",le=\"%.10g\"} %" PRIu64
				       "\n",
				core, (double)(UINT64_C(1) << power) / 1e9,
				residence_below(&copy, UINT64_C(1) << power));
		fprintf(stream,
			PREFIX "residence_seconds_bucket{core=\"%d\",le=\"+Inf\"} %" PRIu64
			       "\n" PREFIX "residence_seconds_sum{core=\"%d\"} %.9f\n" PREFIX
			       "residence_seconds_count{core=\"%d\"} %" PRIu64 "\n",
			core, residence_count(&copy), core, (double)copy.sum / 1e9, core,
			residence_count(&copy));
	}
}

void metrics_write(const struct view *view, FILE *stream)
{
	const struct runtime *runtime = view->runtime;

	head(stream, "build_info", "gauge",
		"Always 1. The labels name the program, its DPDK and its instructions.");
	fprintf(stream, PREFIX "build_info{version=\"%s\",dpdk=\"%s\",variant=\"%s\"} 1\n",
		UDPECHO_VERSION, rte_version(), runtime->variant->name);
	write_verdicts(runtime, stream);
	for (const struct counter_name *row = counter_names; row->name != NULL; row++)
		write_counter(runtime, row, stream);
	write_devices(view, stream);
	write_states(view, stream);
	write_workers(view, stream);
	write_residence(runtime, stream);
	head(stream, "reloads_total", "counter", "How often the configuration was reloaded.");
	fprintf(stream, PREFIX "reloads_total{result=\"ok\"} %" PRIu64 "\n",
		counter_read(&view->reloads->done));
	fprintf(stream, PREFIX "reloads_total{result=\"refused\"} %" PRIu64 "\n",
		counter_read(&view->reloads->refused));
}

bool metrics_check_health(const struct view *view, FILE *stream)
{
	const struct runtime *runtime = view->runtime;
	bool is_well = true;

	for (unsigned int i = 0; i < runtime->worker_count; i++)
		if (view->watch->workers[i].is_stalled) {
			fprintf(stream, "worker on core %d: stalled\n",
				cores_nth(&runtime->cores, i));
			is_well = false;
		}
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		const struct device *device = &runtime->devices[i];
		const struct device_watch *watch = &view->watch->devices[i];
		const char *wrong = device->is_lost       ? "lost"
				    : !watch->link_up     ? "link down"
				    : watch->is_exhausted ? "out of packet buffers"
				    : watch->tx_is_stuck  ? "transmits nothing"
				    : watch->has_other_queues
					    ? "the interface receives on queues that are not polled"
				    : watch->claim.refused > 0
					    ? "an address of it belongs to another station"
					    : NULL;

		if (wrong != NULL) {
			fprintf(stream, "device %s: %s\n", device->config->text, wrong);
			is_well = false;
		}
	}
	return is_well;
}
