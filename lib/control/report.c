/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <udpecho/report.h>

static struct counters sum_worker(const struct worker *worker)
{
	struct counters sum = {0};

	for (unsigned int i = 0; i < worker->queue_count; i++)
		counters_collect(&sum, &worker->queues[i].counters);
	return sum;
}

static struct counters sum_all(const struct appliance *appliance)
{
	struct counters sum = {0};

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++)
			counters_collect(&sum, &appliance->workers[i]->queues[j].counters);
	return sum;
}

static struct counters sum_device(const struct appliance *appliance, const struct device *device)
{
	struct counters sum = {0};

	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++)
			if (appliance->workers[i]->queues[j].port == device->port)
				counters_collect(&sum, &appliance->workers[i]->queues[j].counters);
	return sum;
}

/* The processor that worker number INDEX ran on: lcores are handed out in their order. */
static int core_of(const struct appliance *appliance, unsigned int index)
{
	for (int core = 0; core < CPU_SETSIZE; core++)
		if (CPU_ISSET(core, &appliance->cores) && index-- == 0)
			return core;
	return -1;
}

static void format_mac(const struct mac_address *mac, char text[static 18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", mac->bytes[0], mac->bytes[1],
		mac->bytes[2], mac->bytes[3], mac->bytes[4], mac->bytes[5]);
}

static void format_address(be32_t address, char text[static INET_ADDRSTRLEN])
{
	inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}

static json_int_t number(uint64_t value)
{
	return (json_int_t)value;
}

static void set_counters(json_t *object, const struct counters *counters)
{
	json_object_set_new(object, "rx_packets", json_integer(number(counters->rx_packets)));
	json_object_set_new(object, "rx_bytes", json_integer(number(counters->rx_bytes)));
	json_object_set_new(object, "tx_packets", json_integer(number(counters->tx_packets)));
	json_object_set_new(object, "tx_bytes", json_integer(number(counters->tx_bytes)));
	json_object_set_new(object, "tx_full", json_integer(number(counters->tx_full)));
	json_object_set_new(
		object, "fragments_added", json_integer(number(counters->fragments_added)));
	json_object_set_new(
		object, "fragments_expired", json_integer(number(counters->fragments_expired)));
	json_object_set_new(object, "announcements", json_integer(number(counters->announcements)));
	json_object_set_new(object, "arp_conflicts", json_integer(number(counters->arp_conflicts)));
	json_object_set_new(
		object, "partial_checksums", json_integer(number(counters->partial_checksums)));
}

static json_t *verdicts_json(const struct counters *counters)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		json_object_set_new(
			object, verdict_name(i), json_integer(number(counters->verdicts[i])));
	return object;
}

static json_t *device_json(const struct appliance *appliance, const struct device *device)
{
	const struct identity *identity = &device->identity;
	const struct counters counters = sum_device(appliance, device);
	json_t *object = json_object(), *addresses = json_array();
	char text[64];

	json_object_set_new(object, "device", json_string(device->config->text));
	format_mac(&identity->mac, text);
	json_object_set_new(object, "mac", json_string(text));
	for (unsigned int i = 0; i < identity->address_count; i++) {
		format_address(identity->addresses[i].address, text);
		json_array_append_new(addresses, json_string(text));
	}
	json_object_set_new(object, "addresses", addresses);
	set_counters(object, &counters);
	json_object_set_new(object, "rx_missed", json_integer(number(device->stats.imissed)));
	json_object_set_new(object, "rx_errors", json_integer(number(device->stats.ierrors)));
	json_object_set_new(object, "rx_nombuf", json_integer(number(device->stats.rx_nombuf)));
	json_object_set_new(object, "tx_errors", json_integer(number(device->stats.oerrors)));
	return object;
}

static json_t *report_json(const struct appliance *appliance)
{
	const struct counters counters = sum_all(appliance);
	json_t *report = json_object(), *devices = json_array(), *workers = json_array();

	json_object_set_new(report, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(report, "uptime_s", json_real(appliance->stopped - appliance->started));
	set_counters(report, &counters);
	json_object_set_new(report, "verdicts", verdicts_json(&counters));
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		json_array_append_new(devices, device_json(appliance, &appliance->devices[i]));
	json_object_set_new(report, "devices", devices);
	for (unsigned int i = 0; i < appliance->worker_count; i++) {
		const struct counters sum = sum_worker(appliance->workers[i]);
		json_t *worker = json_object();

		json_object_set_new(worker, "core", json_integer(core_of(appliance, i)));
		set_counters(worker, &sum);
		json_array_append_new(workers, worker);
	}
	json_object_set_new(report, "workers", workers);
	return report;
}

static void write_device_text(const struct device *device, FILE *stream)
{
	const struct identity *identity = &device->identity;
	const struct rte_eth_stats *stats = &device->stats;
	char text[64];

	format_mac(&identity->mac, text);
	fprintf(stream, "device %s  mac %s ", device->config->text, text);
	for (unsigned int i = 0; i < identity->address_count; i++) {
		format_address(identity->addresses[i].address, text);
		fprintf(stream, " %s", text);
	}
	fputc('\n', stream);
	if (stats->imissed + stats->ierrors + stats->rx_nombuf + stats->oerrors > 0)
		fprintf(stream,
			"  lost by the driver: rx_missed %" PRIu64 ", rx_errors %" PRIu64
			", rx_nombuf %" PRIu64 ", tx_errors %" PRIu64 "\n",
			stats->imissed, stats->ierrors, stats->rx_nombuf, stats->oerrors);
}

/* What is worth a line only where it happened. */
static void write_extra(FILE *stream, const char *name, uint64_t count, const char *text)
{
	if (count > 0)
		fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", name, count, text);
}

static void write_text(const struct appliance *appliance, FILE *stream)
{
	const struct counters counters = sum_all(appliance);

	fprintf(stream, "udpechod %s: ran for %.3f s\n", UDPECHO_VERSION,
		appliance->stopped - appliance->started);
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		write_device_text(&appliance->devices[i], stream);
	fprintf(stream, "received %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.rx_packets,
		counters.rx_bytes);
	fprintf(stream, "sent     %14" PRIu64 " packets %16" PRIu64 " bytes\n", counters.tx_packets,
		counters.tx_bytes);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (counters.verdicts[i] > 0)
			fprintf(stream, "  %-17s %11" PRIu64 "  %s\n", verdict_name(i),
				counters.verdicts[i], verdict_text(i));
	write_extra(stream, "tx_full", counters.tx_full, "the device did not take them");
	write_extra(stream, "fragments_added", counters.fragments_added,
		"of replies longer than the MTU, beyond the first of each");
	write_extra(stream, "fragments_expired", counters.fragments_expired,
		"kept in vain: the rest of the datagram did not come");
	write_extra(stream, "announcements", counters.announcements, "gratuitous ARP sent");
	write_extra(stream, "arp_conflicts", counters.arp_conflicts,
		"ARP from another station with an address of ours");
	write_extra(stream, "partial_checksums", counters.partial_checksums,
		"finished for the sender's virtual link");
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
