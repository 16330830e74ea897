/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cancel.h"
#include "deadline.h"
#include "probe.h"
#include "receive.h"
#include "send.h"
#include "series.h"

#define SLOTS_MAX   (UINT64_C(1) << 20) /* of a flow: 40 MiB */
#define SLOTS_LEAST 256
#define SLOTS_ALL   (UINT64_C(1) << 24) /* of all flows together */
#define NAP         50000               /* nanoseconds: what is due sooner is waited for awake */
#define READY_MAX   64

void engine_fail(struct engine *engine, int error)
{
	engine->failure = error;
	__atomic_store_n(&engine->stop, true, __ATOMIC_RELAXED);
	__atomic_store_n(&engine->abandon, true, __ATOMIC_RELAXED);
}

static uint64_t slots_for(const struct options *options, uint64_t quota, unsigned int flows)
{
	uint64_t slots = SLOTS_LEAST, wanted = quota;

	/* What may still be on its way, and some more, to tell what is late. */
	if (options->task == TASK_LOAD && options->count == 0)
		wanted = (uint64_t)(options->rate / flows * 4 * (double)options->timeout /
				    (double)NANOSECONDS_PER_SECOND);
	else if (options->count == 0)
		wanted = 65536;
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
		flow->source_port = ntohs(((const struct sockaddr_in *)&own)->sin_port);
	if (!flow_init(flow, slots_for(options, flow->quota, engine->flow_count)))
		return report_failure("no memory for %u flows", engine->flow_count);
	return STATUS_DONE;
}

static enum status worker_open(struct engine *engine, unsigned int number)
{
	struct worker *worker = &engine->workers[number];

	worker->engine = engine;
	worker->number = number;
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->receiver = receiver_make();
	worker->flows = calloc(engine->flow_count, sizeof(struct flow *));
	worker->latencies = calloc(engine->host_count, sizeof(struct latencies *));
	if (worker->epoll < 0 || worker->receiver == NULL || worker->flows == NULL ||
		worker->latencies == NULL)
		return report_failure("no memory for a thread");
	for (unsigned int i = number; i < engine->flow_count; i += engine->options->threads) {
		struct flow *flow = &engine->flows[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};
		struct latencies **latencies = &worker->latencies[flow->host];

		if (*latencies == NULL)
			*latencies = calloc(1, sizeof(**latencies));
		if (*latencies == NULL ||
			epoll_ctl(worker->epoll, EPOLL_CTL_ADD, flow->socket, &event) != 0)
			return report_failure("no memory for a thread");
		worker->flows[worker->flow_count++] = flow;
	}
	if (engine->options->plot != NULL) {
		worker->series = calloc(1, sizeof(*worker->series));
		if (worker->series == NULL)
			return report_failure("no memory for the plot");
	}
	return STATUS_DONE;
}

enum status engine_open(struct engine *engine, const struct options *options)
{
	enum status status = STATUS_DONE;

	*engine = (struct engine){.options = options,
		.host_count = options->host_count,
		.flow_count = options->host_count * options->flows};
	if (getrandom(&engine->run, sizeof(engine->run), 0) != sizeof(engine->run))
		return report_failure("no random number: %s", report_errno(errno));
	engine->hosts = calloc(engine->host_count, sizeof(*engine->hosts));
	engine->flows = calloc(engine->flow_count, sizeof(*engine->flows));
	engine->workers = calloc(options->threads, sizeof(*engine->workers));
	if (engine->hosts == NULL || engine->flows == NULL || engine->workers == NULL)
		return report_failure("no memory for %u flows", engine->flow_count);
	for (unsigned int i = 0; i < engine->flow_count; i++)
		engine->flows[i].socket = -1;
	for (unsigned int i = 0; i < engine->host_count && status == STATUS_DONE; i++)
		status = peer_connect(
			&engine->hosts[i].peer, options->hosts[i], options->port, &options->socket);
	for (unsigned int i = 0; i < engine->flow_count && status == STATUS_DONE; i++)
		status = flow_open(engine, i);
	for (unsigned int i = 0; i < options->threads && status == STATUS_DONE; i++)
		status = worker_open(engine, i);
	return status;
}

/* Gives up what has waited too long: true while something still waits. */
static bool expire(struct worker *worker, uint64_t now)
{
	const struct engine *engine = worker->engine;
	const uint64_t limit = now - (uint64_t)engine->options->timeout;
	bool is_waiting = false;

	for (unsigned int i = 0; i < worker->flow_count; i++) {
		struct flow *flow = worker->flows[i];
		const struct slot *slot;

		while ((slot = flow_expire(flow, limit)) != NULL) {
			const struct event event = {.flow = flow, .slot = slot, .fate = FATE_LOST};

			if (worker->series != NULL)
				series_lost(worker->series, slot->due - engine->begun);
			if (engine->observe != NULL)
				engine->observe(engine->context, &event);
		}
		is_waiting |= flow->waiting > 0;
	}
	return is_waiting;
}

/* Waits for replies, for so many nanoseconds at most, and takes them. */
static void wait(struct worker *worker, int64_t nanoseconds)
{
	struct epoll_event events[READY_MAX];
	struct pollfd ready = {.fd = worker->epoll, .events = POLLIN};
	const struct timespec time = {.tv_sec = nanoseconds / NANOSECONDS_PER_SECOND,
		.tv_nsec = nanoseconds % NANOSECONDS_PER_SECOND};
	int count;

	if (nanoseconds > NAP)
		(void)ppoll(&ready, 1, &time, NULL);
	count = epoll_wait(worker->epoll, events, READY_MAX, 0);
	for (int i = 0; i < count; i++)
		receive_all(worker, events[i].data.ptr);
}

/* Until when there is nothing to do but to receive; a little before, as waking takes its time. */
static int64_t pause_length(const struct worker *worker, bool is_sending, uint64_t now)
{
	const struct options *options = worker->engine->options;
	int64_t left = 10 * 1000 * 1000; /* so that a signal is heeded, and losses are seen */

	if (is_sending && options->task != TASK_WINDOW) {
		const int64_t next = (int64_t)(send_due(worker, worker->turn) - now) - NAP / 2;

		left = next < left ? next : left;
	}
	return left;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct engine *engine = worker->engine;
	const struct options *options = engine->options;
	const uint64_t end =
		options->duration == 0 ? UINT64_MAX : engine->begun + (uint64_t)options->duration;
	struct outbox *outbox = outbox_make();
	bool is_sending = true, is_waiting = true;

	if (outbox == NULL) {
		engine_fail(engine, ENOMEM);
		return NULL;
	}
	prctl(PR_SET_TIMERSLACK, 1UL);
	while ((is_sending || is_waiting) && !engine_is(&engine->abandon)) {
		uint64_t now = (uint64_t)clock_now();

		is_sending =
			is_sending && !engine_is(&engine->stop) &&
			(options->task == TASK_WINDOW ? send_by_window(worker, outbox, end, now)
						      : send_by_rate(worker, outbox, end, now));
		now = (uint64_t)clock_now();
		is_waiting = expire(worker, now);
		if (is_sending || is_waiting)
			wait(worker, pause_length(worker, is_sending, now));
	}
	outbox_free(outbox);
	worker->ended = (uint64_t)clock_now();
	return NULL;
}

/* On a terminal, how far it is. */
static void progress_say(const struct engine *engine)
{
	const struct options *options = engine->options;
	const double seconds = (double)((uint64_t)clock_now() - engine->begun) / 1e9;
	const struct tally tally = engine_tally(engine, -1);
	double share = 0;

	if (options->duration != 0)
		share = seconds * 1e9 / (double)options->duration;
	if (options->count != 0) {
		const double done =
			(double)tally.sent / (double)(options->count * options->host_count);

		share = done > share ? done : share;
	}
	if (share > 1)
		share = 1;
	(void)fprintf(stderr, "\r%3.0f %%  %llu sent  %llu received  %.0f s to go \033[K",
		share * 100, (unsigned long long)tally.sent, (unsigned long long)tally.received,
		share > 0 ? seconds / share - seconds : 0);
}

/* The first signal ends the sending, the second the waiting as well. */
static void signals_heed(struct engine *engine, unsigned int *running)
{
	const bool says = isatty(STDERR_FILENO) == 1 && engine->options->task != TASK_PING;
	const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
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
	struct worker *worker;
	unsigned int *running;
};

static void *launch(void *argument)
{
	struct launch *launch = argument;

	work(launch->worker);
	__atomic_fetch_sub(launch->running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* What was never given up for lost, as nobody waited for it long enough, was not sent. */
static void abandoned_forget(struct engine *engine)
{
	for (unsigned int i = 0; i < engine->flow_count; i++) {
		engine->flows[i].tally.sent -= engine->flows[i].waiting;
		engine->flows[i].waiting = 0;
	}
}

static void series_sum(struct engine *engine)
{
	engine->series = engine->workers[0].series;
	for (unsigned int i = 1; i < engine->options->threads && engine->series != NULL; i++)
		series_merge(engine->series, engine->workers[i].series);
}

static enum status latencies_sum(struct engine *engine)
{
	for (unsigned int i = 0; i < engine->host_count; i++) {
		struct latencies *sum = calloc(1, sizeof(*sum));

		if (sum == NULL)
			return report_failure("no memory for the results");
		engine->hosts[i].latencies = sum;
		for (unsigned int j = 0; j < engine->options->threads; j++) {
			const struct latencies *part = engine->workers[j].latencies[i];

			if (part == NULL)
				continue;
			histogram_merge(&sum->all, &part->all);
			histogram_merge(&sum->network, &part->network);
		}
	}
	return STATUS_DONE;
}

enum status engine_run(struct engine *engine)
{
	struct launch launches[64];
	unsigned int running = 0;
	int error = 0;

	engine->begun = (uint64_t)clock_now();
	for (unsigned int i = 0; i < engine->options->threads; i++) {
		launches[i] = (struct launch){&engine->workers[i], &running};
		__atomic_fetch_add(&running, 1, __ATOMIC_ACQUIRE);
		error = pthread_create(&engine->workers[i].thread, NULL, launch, &launches[i]);
		if (error != 0) {
			engine->workers[i].thread = 0;
			__atomic_fetch_sub(&running, 1, __ATOMIC_RELEASE);
			engine_fail(engine, error);
			break;
		}
	}
	signals_heed(engine, &running);
	for (unsigned int i = 0; i < engine->options->threads; i++)
		if (engine->workers[i].thread != 0)
			pthread_join(engine->workers[i].thread, NULL);
	for (unsigned int i = 0; i < engine->options->threads; i++)
		if (engine->workers[i].ended > engine->stopped)
			engine->stopped = engine->workers[i].ended;
	abandoned_forget(engine);
	if (engine->failure == EMSGSIZE)
		return report_failure("write udp %s: %s (%u bytes)", engine->hosts[0].peer.name,
			report_errno(EMSGSIZE), engine->options->size_most);
	if (engine->failure != 0)
		return report_failure("%s", report_errno(engine->failure));
	series_sum(engine);
	return latencies_sum(engine);
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
	for (unsigned int i = 0; i < engine->options->threads && engine->workers != NULL; i++) {
		struct worker *worker = &engine->workers[i];

		for (unsigned int j = 0; j < engine->host_count && worker->latencies != NULL; j++)
			free(worker->latencies[j]);
		free(worker->latencies);
		free(worker->flows);
		free(worker->series);
		receiver_free(worker->receiver);
		if (worker->epoll > 0)
			close(worker->epoll);
	}
	for (unsigned int i = 0; i < engine->flow_count && engine->flows != NULL; i++) {
		flow_free(&engine->flows[i]);
		if (engine->flows[i].socket >= 0)
			close(engine->flows[i].socket);
	}
	for (unsigned int i = 0; i < engine->host_count && engine->hosts != NULL; i++)
		free(engine->hosts[i].latencies);
	free(engine->workers);
	free(engine->flows);
	free(engine->hosts);
}
