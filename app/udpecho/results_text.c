/* SPDX-License-Identifier: BSD-3-Clause */
#include "results_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bottleneck.h"
#include "deadline.h"
#include "engine.h"

#define FLOWS_SHOWN 16 /* of those that lost something */

/* Only quantiles that there are enough replies for: a hundred have no p99.9. */
static enum status latencies_say(const char *name, const struct histogram *histogram)
{
	static const struct {
		const char *name;
		double share;
		uint64_t least;
	} quantiles[] = {{"p50", 0.5, 1}, {"p90", 0.9, 10}, {"p99", 0.99, 100},
		{"p99.9", 0.999, 1000}, {"p99.99", 0.9999, 10000}};
	char names[64] = "", values[128] = "";

	if (histogram->count == 0)
		return STATUS_DONE;
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		const size_t named = strlen(names), valued = strlen(values);

		if (histogram->count < quantiles[i].least)
			break;
		(void)snprintf(names + named, sizeof(names) - named, "%s%s", i > 0 ? "/" : "",
			quantiles[i].name);
		(void)snprintf(values + valued, sizeof(values) - valued, "%s%.3f", i > 0 ? "/" : "",
			milliseconds(histogram_quantile(histogram, quantiles[i].share)));
	}
	return report_result("%s min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n%s %s = %s ms\n", name,
		milliseconds(histogram->least), histogram_mean(histogram) / 1e6,
		milliseconds(histogram->most), histogram_deviation(histogram) / 1e6, name, names,
		values);
}

/* The flows that lost something: if others did not, a path is broken. */
static enum status flows_say(const struct engine *engine, unsigned int host)
{
	enum status status = STATUS_DONE;
	unsigned int lossy = 0;

	for (unsigned int i = 0; i < engine->flow_count && status == STATUS_DONE; i++) {
		const struct flow *flow = &engine->flows[i];
		const uint64_t lost = tally_lost(&flow->tally);

		if (flow->host != host || lost == 0 || ++lossy > FLOWS_SHOWN)
			continue;
		status = report_result("  from port %u: %" PRIu64 " of %" PRIu64 " lost\n",
			(unsigned int)flow->source_port, lost, flow->tally.sent);
	}
	if (lossy > FLOWS_SHOWN && status == STATUS_DONE)
		status = report_result("  and from %u more ports\n", lossy - FLOWS_SHOWN);
	return status;
}

/* "replies had ttl 63-64, dscp 0,46" */
static enum status marks_say(const struct engine *engine, unsigned int host)
{
	const struct marks marks = engine_marks(engine, host);
	char ttl[16], dscps[256] = "";
	int end = 0;

	if (marks.ttl_most == 0)
		return STATUS_DONE;
	(void)snprintf(ttl, sizeof(ttl), marks.ttl_least == marks.ttl_most ? "%d" : "%d-%d",
		marks.ttl_least, marks.ttl_most);
	for (int i = 0; i < 64; i++)
		if (marks.dscps >> i & 1)
			end += snprintf(dscps + end, sizeof(dscps) - (size_t)end, "%s%d",
				end > 0 ? "," : "", i);
	return report_result("replies had ttl %s, dscp %s\n", ttl, dscps);
}

/* An example of the errors: that of the first flow that has one. */
static enum status refusal_say(const struct engine *engine, unsigned int index)
{
	for (unsigned int i = 0; i < engine->flow_count; i++)
		if (engine->flows[i].host == index && engine->flows[i].error != 0)
			return report_result(
				"one of the errors: %s\n", report_errno(engine->flows[i].error));
	return STATUS_DONE;
}

static enum status host_say(const struct engine *engine, unsigned int index)
{
	const struct host *host = &engine->hosts[index];
	const struct tally tally = engine_tally(engine, (int)index);
	enum status status;

	status = report_result("--- %s: %" PRIu64 " sent, %" PRIu64 " received, %" PRIu64
			       " lost (%.4g %%)\n",
		host->peer.name, tally.sent, tally.received, tally_lost(&tally),
		tally.sent > 0 ? 100 * (double)tally_lost(&tally) / (double)tally.sent : 0);
	for (const struct tally_row *row = tally_rows; row->name != NULL; row++)
		if (status == STATUS_DONE && tally_value(&tally, row) > 0 &&
			strcmp(row->name, "received") != 0) {
			status = report_result("%s %" PRIu64 ": %s\n", row->name,
				tally_value(&tally, row), row->text);
			if (status == STATUS_DONE && strcmp(row->name, "refused") == 0)
				status = refusal_say(engine, index);
		}
	if (status == STATUS_DONE)
		status = latencies_say("rtt", &host->latencies->all);
	if (status == STATUS_DONE)
		status = latencies_say("network rtt", &host->latencies->network);
	if (status == STATUS_DONE)
		status = marks_say(engine, index);
	if (status == STATUS_DONE && engine->options->flows > 1)
		status = flows_say(engine, index);
	return status;
}

static enum status bottleneck_say(const struct engine *engine)
{
	char why[256];

	if (!bottleneck_find(engine, why, sizeof(why)))
		return STATUS_DONE;
	return report_result("this machine was the bottleneck: %s\n", why);
}

enum status results_text(const struct engine *engine)
{
	const double seconds = (double)(engine->sent_all - engine->begun) / 1e9;
	const struct tally all = engine_tally(engine, -1);
	/* With a rate, the last datagram has its share of the time as well. */
	const double last = engine->options->task == TASK_LOAD ? 1 / engine->options->rate : 0;
	const double pace = (double)all.sent / (seconds + last);
	enum status status = STATUS_DONE;

	for (unsigned int i = 0; i < engine->host_count && status == STATUS_DONE; i++)
		status = host_say(engine, i);
	if (status == STATUS_DONE && engine->options->task != TASK_PING)
		status = report_result(
			"%.*f datagrams a second for %.3f s\n", pace < 10 ? 2 : 0, pace, seconds);
	return status == STATUS_DONE ? bottleneck_say(engine) : status;
}
