/* SPDX-License-Identifier: BSD-3-Clause */
#include "thread.h"

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
#include "reroute.h"
#include "send.h"
#include "series.h"

#define NAP       50000    /* nanoseconds: for shorter waits, the thread polls */
#define PAUSE     10000000 /* nanoseconds: no longer, so that a signal is seen */
#define READY_MAX 64

static enum status flows_take(struct thread *thread)
{
	struct engine *engine = thread->engine;

	for (unsigned int i = thread->number; i < engine->flow_count; i += engine->thread_count) {
		struct flow *flow = &engine->flows[i];
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};
		struct latencies **latencies = &thread->latencies[flow->host];

		if (*latencies == NULL)
			*latencies = calloc(1, sizeof(**latencies));
		if (*latencies == NULL ||
			epoll_ctl(thread->epoll, EPOLL_CTL_ADD, flow->socket, &event) != 0)
			return report_failure("no memory for a thread");
		thread->flows[thread->flow_count++] = flow;
	}
	return STATUS_DONE;
}

enum status thread_open(struct engine *engine, unsigned int number)
{
	struct thread *thread = &engine->threads[number];

	thread->engine = engine;
	thread->number = number;
	thread->epoll = epoll_create1(EPOLL_CLOEXEC);
	thread->receiver = receiver_make(engine->options->size_most);
	thread->flows = calloc(engine->flow_count, sizeof(struct flow *));
	thread->latencies = calloc(engine->host_count, sizeof(struct latencies *));
	if (thread->epoll < 0 || thread->receiver == NULL || thread->flows == NULL ||
		thread->latencies == NULL)
		return report_failure("no memory for a thread");
	if (engine->options->plot != NULL) {
		thread->series = calloc(1, sizeof(*thread->series));
		if (thread->series == NULL)
			return report_failure("no memory for the plot");
	}
	return flows_take(thread);
}

void thread_close(struct thread *thread)
{
	for (unsigned int i = 0; thread->latencies != NULL && i < thread->engine->host_count; i++)
		free(thread->latencies[i]);
	free(thread->latencies);
	free(thread->flows);
	free(thread->series);
	receiver_free(thread->receiver);
	if (thread->epoll > 0)
		close(thread->epoll);
}

/*
 * Datagrams may be lost because replies go to a source address that is no longer ours. Once a
 * second at most, this checks the route of a flow that lost, and renews those of all flows to its
 * host.
 */
static void route_check(struct thread *thread, const struct flow *lost)
{
	const struct engine *engine = thread->engine;
	const struct peer *peer = &engine->hosts[lost->host].peer;
	const uint64_t now = (uint64_t)monotonic_now();

	if (now < thread->route_checked + NANOSECONDS_PER_SECOND)
		return;
	thread->route_checked = now;
	if (!route_has_moved(lost, peer, &engine->options->socket))
		return;
	for (unsigned int i = 0; i < thread->flow_count; i++)
		if (thread->flows[i]->host == lost->host)
			(void)route_renew(thread->flows[i], peer);
}

/*
 * Gives up the datagrams that have waited too long. A reply may lie unread in its socket, so they
 * have waited only until thread->looked, when all sockets were read empty. Returns when the next
 * datagram will have waited too long; UINT64_MAX: none waits.
 */
static uint64_t expire(struct thread *thread)
{
	const uint64_t timeout = (uint64_t)thread->engine->options->timeout;
	const uint64_t limit = thread->looked > timeout ? thread->looked - timeout : 0;
	uint64_t earliest = UINT64_MAX;

	for (unsigned int i = 0; i < thread->flow_count; i++) {
		struct flow *flow = thread->flows[i];
		uint64_t since;

		while (account_expire(thread, flow, limit))
			route_check(thread, flow);
		since = flow_waits_since(flow);
		earliest = since < earliest ? since : earliest;
	}
	return earliest == UINT64_MAX ? UINT64_MAX : earliest + timeout + 1;
}

/* Sleeps from NOW until UNTIL, or until there is something to receive. True: there is. */
static bool doze(struct thread *thread, uint64_t now, uint64_t until)
{
	struct pollfd ready = {.fd = thread->epoll, .events = POLLIN};
	const struct timespec time = {.tv_nsec = (long)(until - now)};
	/* Not epoll_wait(): its timeout is in milliseconds. */
	const bool has_come = ppoll(&ready, 1, &time, NULL) != 0;

	if (thread->sent_all == 0)
		thread->idle += (uint64_t)monotonic_now() - now;
	return has_come;
}

/* Waits for replies, until UNTIL at the latest, and receives them. */
static void wait(struct thread *thread, uint64_t until)
{
	const uint64_t now = (uint64_t)monotonic_now();
	struct epoll_event events[READY_MAX];
	bool is_all;
	int count;

	if (until > now + NAP && !doze(thread, now, until)) {
		thread->looked = until;
		return;
	}
	count = epoll_wait(thread->epoll, events, READY_MAX, 0);
	is_all = count < READY_MAX;
	for (int i = 0; i < count; i++)
		is_all &= receive_all(thread, events[i].data.ptr, events[i].events & EPOLLERR);
	/* A flood of datagrams must not keep us from ending. */
	if (is_all || now - thread->looked > (uint64_t)thread->engine->options->timeout)
		thread->looked = now;
}

/* How long the thread may wait: until shortly before it has to send, as waking takes time. */
static uint64_t pause_end(const struct thread *thread, bool is_sending, uint64_t expiry)
{
	const uint64_t now = (uint64_t)monotonic_now();
	uint64_t end = now + PAUSE < expiry ? now + PAUSE : expiry;

	if (is_sending && thread->engine->options->task == TASK_WINDOW) {
		end = thread->has_room ? now : end;
	} else if (is_sending) {
		const uint64_t next = send_due(thread, thread->turn) - NAP / 2;

		end = next < end ? next : end;
	}
	return end;
}

void thread_run(struct thread *thread)
{
	struct engine *engine = thread->engine;
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
	thread->looked = engine->begun;
	while ((is_sending || expiry != UINT64_MAX) && !engine_is(&engine->abandon)) {
		is_sending = is_sending && !engine_is(&engine->stop) &&
			     (options->task == TASK_WINDOW ? send_by_window(thread, outbox, end)
							   : send_by_rate(thread, outbox, end));
		if (!is_sending && thread->sent_all == 0)
			thread->sent_all = (uint64_t)monotonic_now();
		expiry = expire(thread);
		if (is_sending || expiry != UINT64_MAX)
			wait(thread, pause_end(thread, is_sending, expiry));
	}
	outbox_free(outbox);
	if (thread->sent_all == 0) /* abandoned */
		thread->sent_all = (uint64_t)monotonic_now();
}
