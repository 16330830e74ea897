/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "account.h"
#include "deadline.h"
#include "receive.h"
#include "route.h"
#include "send.h"
#include "series.h"

#define NAP       50000    /* nanoseconds: what is due sooner is waited for awake */
#define PAUSE     10000000 /* nanoseconds, at most, so that a signal is heeded */
#define READY_MAX 64

static enum status flows_take(struct worker *worker)
{
	struct engine *engine = worker->engine;

	for (unsigned int i = worker->number; i < engine->flow_count; i += engine->thread_count) {
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
	return STATUS_DONE;
}

enum status worker_open(struct engine *engine, unsigned int number)
{
	struct worker *worker = &engine->workers[number];

	worker->engine = engine;
	worker->number = number;
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	worker->receiver = receiver_make(engine->options->size_most);
	worker->flows = calloc(engine->flow_count, sizeof(struct flow *));
	worker->latencies = calloc(engine->host_count, sizeof(struct latencies *));
	if (worker->epoll < 0 || worker->receiver == NULL || worker->flows == NULL ||
		worker->latencies == NULL)
		return report_failure("no memory for a thread");
	if (engine->options->plot != NULL) {
		worker->series = calloc(1, sizeof(*worker->series));
		if (worker->series == NULL)
			return report_failure("no memory for the plot");
	}
	return flows_take(worker);
}

void worker_close(struct worker *worker)
{
	for (unsigned int i = 0; worker->latencies != NULL && i < worker->engine->host_count; i++)
		free(worker->latencies[i]);
	free(worker->latencies);
	free(worker->flows);
	free(worker->series);
	receiver_free(worker->receiver);
	if (worker->epoll > 0)
		close(worker->epoll);
}

/*
 * What is lost may have gone out with an address that is not where replies come to any more. Looked
 * at once in a while, of one flow, whose host's others are where it is.
 */
static void route_check(struct worker *worker, const struct flow *lost)
{
	const struct engine *engine = worker->engine;
	const struct peer *peer = &engine->hosts[lost->host].peer;
	const uint64_t now = (uint64_t)clock_now();

	if (now < worker->route_checked + NANOSECONDS_PER_SECOND)
		return;
	worker->route_checked = now;
	if (!route_has_moved(lost, peer, &engine->options->socket))
		return;
	for (unsigned int i = 0; i < worker->flow_count; i++)
		if (worker->flows[i]->host == lost->host)
			(void)route_renew(worker->flows[i], peer);
}

/*
 * Gives up what has waited too long. What lies in a socket, unread, has not: only when all that had
 * come was read, at worker->looked, is it known what had not. When the next will have waited too
 * long, UINT64_MAX: nothing waits.
 */
static uint64_t expire(struct worker *worker)
{
	const uint64_t timeout = (uint64_t)worker->engine->options->timeout;
	const uint64_t limit = worker->looked > timeout ? worker->looked - timeout : 0;
	uint64_t earliest = UINT64_MAX;

	for (unsigned int i = 0; i < worker->flow_count; i++) {
		struct flow *flow = worker->flows[i];
		uint64_t since;

		while (account_expire(worker, flow, limit))
			route_check(worker, flow);
		since = flow_waits_since(flow);
		earliest = since < earliest ? since : earliest;
	}
	return earliest == UINT64_MAX ? UINT64_MAX : earliest + timeout + 1;
}

/* Sleeps from NOW until UNTIL, or until there is something to receive: true if there is. */
static bool doze(struct worker *worker, uint64_t now, uint64_t until)
{
	struct pollfd ready = {.fd = worker->epoll, .events = POLLIN};
	const struct timespec time = {.tv_nsec = (long)(until - now)};
	/* Not epoll_wait(), which knows milliseconds only. */
	const bool has_come = ppoll(&ready, 1, &time, NULL) != 0;

	if (worker->sent_all == 0)
		worker->idle += (uint64_t)clock_now() - now;
	return has_come;
}

/* Waits for replies, until UNTIL at the latest, and takes them. */
static void wait(struct worker *worker, uint64_t until)
{
	const uint64_t now = (uint64_t)clock_now();
	struct epoll_event events[READY_MAX];
	bool is_all;
	int count;

	if (until > now + NAP && !doze(worker, now, until)) {
		worker->looked = until;
		return;
	}
	count = epoll_wait(worker->epoll, events, READY_MAX, 0);
	is_all = count < READY_MAX;
	for (int i = 0; i < count; i++)
		is_all &= receive_all(worker, events[i].data.ptr, events[i].events & EPOLLERR);
	/* Who floods us may not keep us from ending. */
	if (is_all || now - worker->looked > (uint64_t)worker->engine->options->timeout)
		worker->looked = now;
}

/* Until when there is nothing to do but to receive; a little before, as waking takes its time. */
static uint64_t pause_end(const struct worker *worker, bool is_sending, uint64_t expiry)
{
	const uint64_t now = (uint64_t)clock_now();
	uint64_t end = now + PAUSE < expiry ? now + PAUSE : expiry;

	if (is_sending && worker->engine->options->task == TASK_WINDOW) {
		end = worker->has_room ? now : end;
	} else if (is_sending) {
		const uint64_t next = send_due(worker, worker->turn) - NAP / 2;

		end = next < end ? next : end;
	}
	return end;
}

void worker_run(struct worker *worker)
{
	struct engine *engine = worker->engine;
	const struct options *options = engine->options;
	const uint64_t end =
		options->duration == 0 ? UINT64_MAX : engine->begun + (uint64_t)options->duration;
	struct outbox *outbox = outbox_make(options->size_most);
	bool is_sending = true;
	uint64_t expiry = 0;

	if (outbox == NULL) {
		engine_fail(engine, ENOMEM, NULL);
		return;
	}
	prctl(PR_SET_TIMERSLACK, 1UL);
	worker->looked = engine->begun;
	while ((is_sending || expiry != UINT64_MAX) && !engine_is(&engine->abandon)) {
		is_sending = is_sending && !engine_is(&engine->stop) &&
			     (options->task == TASK_WINDOW ? send_by_window(worker, outbox, end)
							   : send_by_rate(worker, outbox, end));
		if (!is_sending && worker->sent_all == 0)
			worker->sent_all = (uint64_t)clock_now();
		expiry = expire(worker);
		if (is_sending || expiry != UINT64_MAX)
			wait(worker, pause_end(worker, is_sending, expiry));
	}
	outbox_free(outbox);
	if (worker->sent_all == 0) /* abandoned */
		worker->sent_all = (uint64_t)clock_now();
}
