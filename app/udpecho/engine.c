/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "cancel.h"
#include "deadline.h"
#include "receive.h"
#include "series.h"
#include "thread.h"

#define SLOTS_MAX    (UINT64_C(1) << 20) /* of a flow: 40 MiB */
#define SLOTS_LEAST  1024
#define WINDOW_SLOTS 65536               /* the widest window */
#define SLOTS_ALL    (UINT64_C(1) << 24) /* of all flows together */

static uint64_t slots_for(const struct options *options, uint64_t quota, unsigned int flows)
{
	uint64_t slots = SLOTS_LEAST, wanted = WINDOW_SLOTS;

	/* Four timeouts: datagrams in flight, and older ones, so that late replies are known. */
	if (options->task != TASK_WINDOW)
		wanted = (uint64_t)(options->rate / flows * 4 * (double)options->timeout /
				    (double)NANOSECONDS_PER_SECOND);
	wanted = quota < wanted ? quota : wanted;
	while (slots < wanted && slots < SLOTS_MAX && slots * flows < SLOTS_ALL)
		slots *= 2;
	return slots;
}

static enum status flow_open(struct engine *engine, unsigned int index)
{
	const struct options *options = engine->options;
	struct flow *flow = &engine->flows[index];
	struct host *host = &engine->hosts[index % engine->host_count];
	const unsigned int among = index / engine->host_count;
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);

	flow->number = (uint16_t)index;
	flow->host = index % engine->host_count;
	flow->quota = UINT64_MAX;
	if (options->count != 0)
		flow->quota =
			options->count / options->flows + (among < options->count % options->flows);
	flow->socket = among == 0 ? host->peer.socket : peer_socket(&host->peer, &options->socket);
	if (flow->socket < 0)
		return report_failure(
			"connect udp %s: %s", host->peer.name, report_errno(-flow->socket));
	receive_setup(flow->socket, options->kernel_times);
	if (getsockname(flow->socket, (struct sockaddr *)&own, &length) == 0)
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): getsockname() set it */
		flow->source_port = ntohs(((const struct sockaddr_in *)&own)->sin_port);
	if (!flow_init(flow, slots_for(options, flow->quota, engine->flow_count)))
		return report_failure("no memory for %u flows", engine->flow_count);
	return STATUS_DONE;
}

/* Each flow has a socket. The soft limit is only for programs that use select(2): raise it. */
static void descriptors_allow(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* A host that cannot be reached, such as an unknown name, does not stop the others. */
static enum status hosts_connect(struct engine *engine)
{
	const struct options *options = engine->options;

	engine->hosts = calloc(options->host_count, sizeof(*engine->hosts));
	if (engine->hosts == NULL)
		return report_failure("no memory for %u hosts", options->host_count);
	for (unsigned int i = 0; i < options->host_count; i++) {
		const enum status status = peer_connect(&engine->hosts[engine->host_count].peer,
			options->hosts[i], options->port, &options->socket);

		if (status == STATUS_DONE)
			engine->host_count++;
		else if (status == STATUS_FAILED && cancel_status() == STATUS_DONE)
			engine->is_short = true;
		else
			return status;
	}
	return engine->host_count > 0 ? STATUS_DONE : STATUS_FAILED;
}

enum status engine_open(struct engine *engine, const struct options *options)
{
	enum status status;

	*engine = (struct engine){.options = options};
	if (getrandom(&engine->run, sizeof(engine->run), 0) != sizeof(engine->run))
		return report_failure("get a random number: %s", report_errno(errno));
	descriptors_allow();
	status = hosts_connect(engine);
	if (status != STATUS_DONE)
		return status;
	engine->flow_count = engine->host_count * options->flows;
	engine->thread_count =
		options->threads < engine->flow_count ? options->threads : engine->flow_count;
	engine->flows = calloc(engine->flow_count, sizeof(*engine->flows));
	engine->threads = calloc(engine->thread_count, sizeof(*engine->threads));
	if (engine->flows == NULL || engine->threads == NULL)
		return report_failure("no memory for %u flows", engine->flow_count);
	for (unsigned int i = 0; i < engine->flow_count; i++)
		engine->flows[i].socket = -1;
	for (unsigned int i = 0; i < engine->flow_count && status == STATUS_DONE; i++)
		status = flow_open(engine, i);
	for (unsigned int i = 0; i < engine->thread_count && status == STATUS_DONE; i++)
		status = thread_open(engine, i);
	return status;
}

/* Progress, for a terminal. */
static void progress_say(const struct engine *engine)
{
	const struct options *options = engine->options;
	const double seconds = (double)((uint64_t)monotonic_now() - engine->begun) / 1e9;
	const struct tally tally = engine_tally(engine, -1);
	double share = 0;

	if (options->duration != 0)
		share = seconds * 1e9 / (double)options->duration;
	if (options->count != 0) {
		const double done =
			(double)tally.sent / (double)(options->count * engine->host_count);

		share = done > share ? done : share;
	}
	if (share > 1)
		share = 1;
	(void)fprintf(stderr, "\r%3.0f %%  %llu sent  %llu received  ", share * 100,
		(unsigned long long)tally.sent, (unsigned long long)tally.received);
	if (engine_is(&engine->stop))
		(void)fputs("waiting for the last replies \033[K", stderr);
	else
		(void)fprintf(
			stderr, "%.0f s to go \033[K", share > 0 ? seconds / share - seconds : 0);
}

/* Waits for the threads. The first signal ends the sending, the second one the waiting as well. */
static void signals_watch(struct engine *engine, unsigned int *running)
{
	const bool says = isatty(STDERR_FILENO) == 1 && engine->options->task != TASK_PING;
	const struct timespec pause = {.tv_nsec = 50000000L};
	unsigned int rounds = 0;

	while (__atomic_load_n(running, __ATOMIC_ACQUIRE) > 0) {
		if (ppoll(NULL, 0, &pause, cancel_mask()) < 0 && engine_is(&engine->stop))
			__atomic_store_n(&engine->abandon, true, __ATOMIC_RELAXED);
		if (cancel_status() != STATUS_DONE)
			__atomic_store_n(&engine->stop, true, __ATOMIC_RELAXED);
		if (says && ++rounds % 10 == 0)
			progress_say(engine);
	}
	if (says)
		(void)fputs("\r\033[K", stderr);
}

struct launch {
	struct thread *thread;
	unsigned int *running;
};

static void *launch(void *argument)
{
	struct launch *launch = argument;

	thread_run(launch->thread);
	__atomic_fetch_sub(launch->running, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void series_sum(struct engine *engine)
{
	engine->series = engine->threads[0].series;
	for (unsigned int i = 1; i < engine->thread_count && engine->series != NULL; i++)
		series_merge(engine->series, engine->threads[i].series);
}

static enum status latencies_sum(struct engine *engine)
{
	for (unsigned int i = 0; i < engine->host_count; i++) {
		struct latencies *sum = calloc(1, sizeof(*sum));

		if (sum == NULL)
			return report_failure("no memory for the results");
		engine->hosts[i].latencies = sum;
		for (unsigned int j = 0; j < engine->thread_count; j++) {
			const struct latencies *part = engine->threads[j].latencies[i];

			if (part == NULL)
				continue;
			histogram_merge(&sum->all, &part->all);
			histogram_merge(&sum->network, &part->network);
		}
	}
	return STATUS_DONE;
}

static enum status failure_report(const struct engine *engine)
{
	if (engine->failure == FAILURE_TOLD)
		return cancel_status() != STATUS_DONE ? cancel_status() : STATUS_FAILED;
	if (engine->failed != NULL)
		return report_failure("write udp %s: %s (%u bytes)", engine->failed->peer.name,
			report_errno(engine->failure), engine->options->size_most);
	return report_failure("%s", report_errno(engine->failure));
}

enum status engine_run(struct engine *engine)
{
	struct launch launches[64];
	unsigned int running = 0;
	int error = 0;

	engine->begun = (uint64_t)monotonic_now();
	for (unsigned int i = 0; i < engine->thread_count; i++) {
		launches[i] = (struct launch){&engine->threads[i], &running};
		__atomic_fetch_add(&running, 1, __ATOMIC_ACQUIRE);
		error = pthread_create(&engine->threads[i].id, NULL, launch, &launches[i]);
		if (error != 0) {
			engine->threads[i].id = 0;
			__atomic_fetch_sub(&running, 1, __ATOMIC_RELEASE);
			engine_fail(engine, error, NULL);
			break;
		}
	}
	signals_watch(engine, &running);
	for (unsigned int i = 0; i < engine->thread_count; i++)
		if (engine->threads[i].id != 0)
			pthread_join(engine->threads[i].id, NULL);
	for (unsigned int i = 0; i < engine->thread_count; i++)
		if (engine->threads[i].sent_all > engine->sent_all)
			engine->sent_all = engine->threads[i].sent_all;
	for (unsigned int i = 0; i < engine->flow_count; i++) {
		receive_end(&engine->flows[i]);
		account_end(engine, &engine->flows[i]);
	}
	if (engine->failure != 0)
		return failure_report(engine);
	series_sum(engine);
	return latencies_sum(engine);
}

struct marks engine_marks(const struct engine *engine, unsigned int host)
{
	struct marks marks = {0};

	for (unsigned int i = 0; i < engine->flow_count; i++) {
		const struct flow *flow = &engine->flows[i];

		if (flow->host != host || flow->ttl_most == 0)
			continue;
		if (marks.ttl_least == 0 || flow->ttl_least < marks.ttl_least)
			marks.ttl_least = flow->ttl_least;
		if (flow->ttl_most > marks.ttl_most)
			marks.ttl_most = flow->ttl_most;
		marks.dscps |= flow->dscps;
	}
	return marks;
}

struct tally engine_tally(const struct engine *engine, int host)
{
	struct tally sum = {0};

	for (unsigned int i = 0; i < engine->flow_count; i++)
		if (host < 0 || engine->flows[i].host == (unsigned int)host)
			tally_add(&sum, &engine->flows[i].tally);
	return sum;
}

void engine_close(struct engine *engine)
{
	for (unsigned int i = 0; i < engine->thread_count && engine->threads != NULL; i++)
		thread_close(&engine->threads[i]);
	for (unsigned int i = 0; i < engine->flow_count && engine->flows != NULL; i++) {
		flow_free(&engine->flows[i]);
		if (engine->flows[i].socket >= 0)
			close(engine->flows[i].socket);
	}
	for (unsigned int i = 0; i < engine->host_count && engine->hosts != NULL; i++) {
		free(engine->hosts[i].latencies);
		if (engine->hosts[i].peer.witness >= 0)
			close(engine->hosts[i].peer.witness);
	}
	free(engine->threads);
	free(engine->flows);
	free(engine->hosts);
}
