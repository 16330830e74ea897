/* SPDX-License-Identifier: BSD-3-Clause */
#include "results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"
#include "engine.h"
#include "plot.h"
#include "results_json.h"
#include "results_text.h"

static FILE *csv, *plot; /* NULL: not wanted */

static const char *fate_say(const struct event *event)
{
	return event->is_duplicate ? "duplicate" : fate_names[event->fate];
}

/* A line for each reply, as ping(8) prints it. */
static enum status ping_say(const struct engine *engine, const struct event *event)
{
	const char *name = engine->hosts[event->flow->host].peer.name;
	uint64_t sequence;
	char ttl[16] = "", more[96] = "", port[16] = "";

	if (engine->options->flows > 1)
		(void)snprintf(
			port, sizeof(port), " port=%u", (unsigned int)event->flow->source_port);
	if (event->error != 0) {
		return report_result(
			"error from %s:%s %s\n", name, port, report_errno(event->error));
	}
	sequence = event->slot->sequence;
	if (event->fate == FATE_LOST) {
		return report_result("no reply from %s: seq=%" PRIu64 "%s in %.3g s\n", name,
			sequence, port, (double)engine->options->timeout / 1e9);
	}
	if (event->ttl > 0)
		(void)snprintf(ttl, sizeof(ttl), " ttl=%d", event->ttl);
	if (event->fate == FATE_CORRUPTED)
		(void)snprintf(more, sizeof(more),
			" (corrupted at offset %zu: got 0x%02x, expected 0x%02x)", event->offset,
			(unsigned int)event->got, (unsigned int)event->expected);
	else if (event->is_duplicate || event->fate != FATE_RECEIVED)
		(void)snprintf(more, sizeof(more), " (%s)", fate_say(event));
	else if (event->network != 0)
		(void)snprintf(
			more, sizeof(more), " network=%.3f ms", milliseconds(event->network));
	return report_result("%zu bytes from %s: seq=%" PRIu64 "%s%s time=%.3f ms%s\n",
		event->length, name, sequence, port, ttl, milliseconds(event->latency), more);
}

static void csv_say(const struct engine *engine, const struct event *event)
{
	/* A single call, so that lines of several threads do not mix. */
	(void)fprintf(csv, "%s,%u,%" PRIu64 ",%.9f,%s,%zu,%" PRIu64 ",%" PRIu64 ",%d\n",
		engine->hosts[event->flow->host].peer.name, (unsigned int)event->flow->source_port,
		event->slot->sequence, (double)(event->slot->due - engine->begun) / 1e9,
		fate_say(event), event->length, event->fate == FATE_LOST ? 0 : event->latency,
		event->network, event->ttl > 0 ? event->ttl : 0);
}

static void observe(void *context, const struct event *event)
{
	struct engine *engine = context;

	/* A late reply may still come: a lost datagram has no line until it is lost for good. */
	if (csv != NULL && event->error == 0 && (event->fate != FATE_LOST || event->is_forgotten))
		csv_say(engine, event);
	if (engine->options->task == TASK_PING && !engine->options->json && !event->is_forgotten &&
		!event->is_told && !engine_is(&engine->abandon) &&
		ping_say(engine, event) != STATUS_DONE)
		engine_fail(engine, FAILURE_TOLD, NULL);
}

/* Before the run: a wrong path should not cost a measurement. */
static enum status file_open(const char *path, FILE **file)
{
	if (path == NULL)
		return STATUS_DONE;
	if (strcmp(path, "-") == 0) {
		report_move();
		*file = stdout;
		return STATUS_DONE;
	}
	*file = fopen(path, "we");
	if (*file == NULL)
		return report_failure("write %s: %s", path, report_errno(errno));
	return STATUS_DONE;
}

enum status results_begin(struct engine *engine)
{
	const struct options *options = engine->options;
	enum status status = file_open(options->csv, &csv);

	if (status == STATUS_DONE)
		status = file_open(options->plot, &plot);
	if (status != STATUS_DONE)
		return status;
	if (csv != NULL)
		(void)fputs("host,source_port,sequence,due_s,fate,reply_bytes,latency_ns,"
			    "network_ns,ttl\n",
			csv);
	if (csv != NULL || options->task == TASK_PING) {
		engine->observe = observe;
		engine->context = engine;
	}
	return STATUS_DONE;
}

static enum status no_reply_report(const struct peer *peer)
{
	char from[PEER_NAME_MAX] = "";
	const unsigned int others = peer_count_others(peer, from);

	if (others == 0)
		return report_failure("check udp %s: no reply", peer->name);
	return report_failure("check udp %s: no reply; but %u datagram%s came from %s", peer->name,
		others, others == 1 ? "" : "s", from);
}

/* Each host has to keep the limits by itself. */
static enum status judge(const struct engine *engine)
{
	const struct options *options = engine->options;
	enum status status = STATUS_DONE;

	for (unsigned int i = 0; i < engine->host_count; i++) {
		const char *name = engine->hosts[i].peer.name;
		const struct tally tally = engine_tally(engine, (int)i);
		const uint64_t wrong = tally.corrupted + tally.truncated + tally.extended;
		const uint64_t p99 = histogram_quantile(&engine->hosts[i].latencies->all, 0.99);

		if (tally.received + tally.late + wrong == 0) {
			status = no_reply_report(&engine->hosts[i].peer);
			continue; /* the rest says no more */
		}
		if (wrong > 0)
			status = report_failure("check udp %s: %" PRIu64
						" replies are not what was sent",
				name, wrong);
		if (options->max_loss >= 0 && tally_loss(&tally) > options->max_loss)
			status = report_failure("check udp %s: %.4g %% lost, more than %.4g %%",
				name, tally_loss(&tally), options->max_loss);
		if (options->max_p99 != 0 && p99 > (uint64_t)options->max_p99)
			status = report_failure("check udp %s: p99 %.3f ms, more than %.3f ms",
				name, milliseconds(p99), (double)options->max_p99 / 1e6);
	}
	return status;
}

static enum status file_close(const char *path, FILE *file)
{
	const int failed = ferror(file), before = errno != 0 ? errno : EIO;

	/* The write may have failed long ago, so that fclose() does not fail. */
	errno = 0;
	if (fclose(file) == 0 && !failed)
		return STATUS_DONE;
	return report_failure("write %s: %s", path, report_errno(errno != 0 ? errno : before));
}

/* The title says what was measured, how, and when: plots are kept. */
static void title_make(const struct engine *engine, char *title, size_t size)
{
	const struct options *options = engine->options;
	const time_t now = time(NULL);
	char pace[32] = "a ping", bytes[32], date[32] = "";
	struct tm local;

	if (options->task == TASK_LOAD)
		(void)snprintf(pace, sizeof(pace), "%.9g/s", options->rate);
	else if (options->task == TASK_WINDOW)
		(void)snprintf(pace, sizeof(pace), "a window of %u", options->window);
	(void)snprintf(bytes, sizeof(bytes),
		options->size_least == options->size_most ? "%u" : "%u to %u", options->size_least,
		options->size_most);
	if (localtime_r(&now, &local) != NULL)
		(void)strftime(date, sizeof(date), "%Y-%m-%d %H:%M %Z", &local);
	(void)snprintf(title, size, "UDP echo of %s%s: %s, %s bytes, %s",
		engine->hosts[0].peer.name, engine->host_count > 1 ? " and others" : "", pace,
		bytes, date);
}

/* Not if it is a device or the like. */
static void file_remove(const char *path)
{
	struct stat found;

	if (lstat(path, &found) == 0 && S_ISREG(found.st_mode))
		(void)unlink(path);
}

static enum status plot_end(const struct engine *engine)
{
	static struct histogram all; /* too large for the stack */
	char title[PEER_NAME_MAX + 128];
	enum status status, closed;

	for (unsigned int i = 0; i < engine->host_count; i++)
		histogram_merge(&all, &engine->hosts[i].latencies->all);
	title_make(engine, title, sizeof(title));
	status = plot_write(plot, engine->options->plot, title, engine->series, &all);
	closed = file_close(engine->options->plot, plot);
	status = status == STATUS_DONE ? closed : status;
	if (status != STATUS_DONE) /* no half pictures */
		file_remove(engine->options->plot);
	return status;
}

static enum status first_failure(enum status status, enum status later)
{
	return status != STATUS_DONE ? status : later;
}

enum status results_end(struct engine *engine)
{
	const struct options *options = engine->options;
	const enum status said = options->json ? results_json(engine) : results_text(engine);
	enum status filed = STATUS_DONE, plotted = STATUS_DONE;

	/* If one file cannot be written, the other is still closed, and the results are judged. */
	if (csv != NULL)
		filed = file_close(options->csv, csv);
	if (plot != NULL)
		plotted = plot_end(engine);
	if (said != STATUS_DONE)
		return said;
	return first_failure(filed, first_failure(plotted, judge(engine)));
}
