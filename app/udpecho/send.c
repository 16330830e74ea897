/* SPDX-License-Identifier: BSD-3-Clause */
#include "send.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "account.h"
#include "deadline.h"
#include "probe.h"
#include "receive.h"
#include "reroute.h"

#define BATCH 64
#define TARDY 1000000 /* nanoseconds */

struct outbox {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	size_t stride;
	uint8_t bytes[]; /* BATCH times the stride */
};

struct outbox *outbox_make(size_t size)
{
	const size_t stride = probe_stride(size);
	struct outbox *outbox = malloc(sizeof(*outbox) + BATCH * stride);

	if (outbox != NULL)
		outbox->stride = stride;
	return outbox;
}

void outbox_free(struct outbox *outbox)
{
	free(outbox);
}

static bool has_room(const struct flow *flow, int timeout_ms)
{
	struct pollfd room = {.fd = flow->socket, .events = POLLOUT};

	return poll(&room, 1, timeout_ms) > 0 && (room.revents & POLLOUT) != 0;
}

/* Whether the run has been stopped, or it is too late to send. */
static bool is_over(const struct engine *engine)
{
	const struct options *options = engine->options;

	return engine_is(&engine->stop) || engine_is(&engine->abandon) ||
	       (options->duration != 0 &&
		       (uint64_t)monotonic_now() > engine->begun + (uint64_t)options->duration +
							   (uint64_t)options->timeout);
}

/* Of the last LEFT datagrams, the first COUNT have just left: if they had to wait, note when. */
static void sent_note(struct flow *flow, unsigned int left, unsigned int count)
{
	const uint64_t now = (uint64_t)monotonic_now();

	for (unsigned int i = 0; i < count; i++) {
		struct slot *slot = flow_find(flow, flow->next - left + i);

		if (slot != NULL && now > slot->sent + TARDY)
			slot->sent = now;
	}
}

/*
 * Not all datagrams from SEQUENCE on were sent, so the kernel's numbers of send times may be off.
 * If the socket has room again, they are restarted. If not, nobody knows whether the kernel gave a
 * number to a datagram that found no room: then they are not trusted from SEQUENCE on.
 */
static void stamps_fix(struct flow *flow, uint64_t sequence)
{
	if (has_room(flow, 0))
		receive_restamp(flow, sequence);
	else if (sequence < flow->stamps_end)
		flow->stamps_end = sequence;
}

/*
 * Sends the first COUNT datagrams of the outbox. Those that the kernel refuses for good are lost,
 * and counted as refused. While the kernel has no room, replies are read. Returns how many
 * datagrams were not sent, as there was no room until the run was over.
 */
static unsigned int outbox_send(
	struct thread *thread, struct flow *flow, struct outbox *outbox, unsigned int count)
{
	const struct host *host = &thread->engine->hosts[flow->host];
	unsigned int sent = 0, attempts = 0;

	while (sent < count) {
		const unsigned int left = count - sent;
		const int taken = sendmmsg(flow->socket, outbox->messages + sent, left, 0);

		if (taken > 0) {
			sent_note(flow, left, (unsigned int)taken);
			sent += (unsigned int)taken;
			attempts = 0;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			tally_count(&flow->tally.no_room, errno == ENOBUFS);
			if (is_over(thread->engine)) {
				flow_unsend(flow, left);
				return left;
			}
			has_room(flow, 1);
			receive_all(thread, flow, true);
		} else if (++attempts == 3) { /* the new route did not help */
			account_refused(flow, errno);
			sent++;
			attempts = 0;
		} else if (attempts == 2) { /* the first may report an older error */
			if (errno == EMSGSIZE) {
				engine_fail(thread->engine, EMSGSIZE, host);
				return 0;
			}
			flow->error = errno;
			if (route_is_at_fault(errno) && route_renew(flow, &host->peer) == 0)
				continue; /* the third attempt takes the new route */
			account_refused(flow, flow->error);
			sent++;
			attempts = 0;
		}
		if (taken < (int)left && thread->engine->options->kernel_times)
			stamps_fix(flow, flow->next - (count - sent));
	}
	return 0;
}

/* Puts the next datagram of FLOW, due at WHEN, into the outbox. */
static void outbox_add(struct thread *thread, struct flow *flow, struct outbox *outbox,
	unsigned int place, uint64_t when, uint64_t now)
{
	const struct engine *engine = thread->engine;
	const uint64_t due = probe_due(when);
	uint8_t *bytes = outbox->bytes + place * outbox->stride;
	const struct slot *slot = account_sent(thread, flow, due, now);
	const size_t length = probe_length(engine->run, slot->sequence, engine->options->size_least,
		engine->options->size_most);

	probe_write(bytes, length, &(struct probe){engine->run, flow->number, slot->sequence, due});
	outbox->vectors[place] = (struct iovec){bytes, length};
	outbox->messages[place].msg_hdr =
		(struct msghdr){.msg_iov = &outbox->vectors[place], .msg_iovlen = 1};
	if (now > due + TARDY)
		thread->tardy++;
	if (now > due + thread->tardiest)
		thread->tardiest = now - due;
}

static bool has_quota(const struct flow *flow)
{
	return flow->next < flow->quota;
}

/* All threads share one schedule: it goes through all flows in turn. */
uint64_t send_due(const struct thread *thread, uint64_t turn)
{
	const struct engine *engine = thread->engine;
	const double gap = (double)NANOSECONDS_PER_SECOND / engine->options->rate;
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a thread has a flow at least */
	const uint64_t round = turn / thread->flow_count, place = turn % thread->flow_count;
	const uint64_t number =
		round * engine->flow_count + thread->number + place * engine->thread_count;

	return engine->begun + (uint64_t)((double)number * gap);
}

/* Sends the datagrams that are the flow's at INDEX, of the turns before LAST, in batches. */
static void turns_send(
	struct thread *thread, struct outbox *outbox, unsigned int index, uint64_t last)
{
	struct flow *flow = thread->flows[index];
	const uint64_t skipped = (index + thread->flow_count - thread->turn % thread->flow_count) %
				 thread->flow_count;
	unsigned int count = 0, unsent = 0;
	uint64_t now = 0;

	for (uint64_t turn = thread->turn + skipped; turn < last && has_quota(flow);
		turn += thread->flow_count) {
		if (count == 0)
			now = (uint64_t)monotonic_now();
		outbox_add(thread, flow, outbox, count++, send_due(thread, turn), now);
		if (count == BATCH) {
			unsent += outbox_send(thread, flow, outbox, count);
			count = 0;
		}
	}
	unsent += outbox_send(thread, flow, outbox, count);
	/* With a count, backlog() counts what is left at the end. */
	if (thread->engine->options->count == 0)
		thread->unsent += unsent;
}

/* How many datagrams the thread still has to send before END. */
static uint64_t backlog(const struct thread *thread, uint64_t end)
{
	const struct options *options = thread->engine->options;
	uint64_t left = 0, turn = thread->turn;

	if (options->count == 0) /* as many as the whole run may have */
		left = (uint64_t)((double)options->duration / 1e9 * options->rate) + 1;
	for (unsigned int i = 0; i < thread->flow_count && options->count != 0; i++)
		left += thread->flows[i]->quota - thread->flows[i]->next;
	if (send_due(thread, turn + left) < end)
		return left;
	/* Halving finds the first turn that is not due before the end. */
	while (left > 0) {
		const uint64_t half = left / 2;

		if (send_due(thread, turn + half) < end) {
			turn += half + 1;
			left -= half + 1;
		} else {
			left = half;
		}
	}
	return turn - thread->turn;
}

bool send_by_rate(struct thread *thread, struct outbox *outbox, uint64_t end)
{
	const uint64_t now = (uint64_t)monotonic_now();
	uint64_t last = thread->turn;
	bool has_more = false;

	/* A thread that is so far behind would send for long after the end. */
	if (end != UINT64_MAX && now > end + (uint64_t)thread->engine->options->timeout) {
		thread->unsent += backlog(thread, end);
		return false;
	}
	/* At most a batch for each flow at once, so that replies are read in between. */
	while (last < thread->turn + BATCH * (uint64_t)thread->flow_count &&
		send_due(thread, last) <= now && send_due(thread, last) < end)
		last++;
	for (unsigned int i = 0; i < thread->flow_count; i++) {
		if (last > thread->turn)
			turns_send(thread, outbox, i, last);
		has_more |= has_quota(thread->flows[i]);
	}
	thread->turn = last;
	return has_more && send_due(thread, last) < end;
}

/* Sends as many datagrams as the window has room for, but at most a batch. */
static void window_fill(
	struct thread *thread, struct outbox *outbox, struct flow *flow, uint64_t now)
{
	const unsigned int window = thread->engine->options->window;
	unsigned int count = 0;

	/* No two datagrams of a flow are due at the same time: that tells them apart. */
	for (uint64_t when = now; flow->waiting < window && has_quota(flow) && count < BATCH;
		when += 2)
		outbox_add(thread, flow, outbox, count++, when, when);
	outbox_send(thread, flow, outbox, count);
	thread->has_room |= flow->waiting < window && has_quota(flow);
}

bool send_by_window(struct thread *thread, struct outbox *outbox, uint64_t end)
{
	bool has_more = false;

	thread->has_room = false;
	for (unsigned int i = 0; i < thread->flow_count; i++) {
		const uint64_t now = (uint64_t)monotonic_now();

		if (now >= end)
			return false;
		window_fill(thread, outbox, thread->flows[i], now);
		has_more |= has_quota(thread->flows[i]);
	}
	return has_more;
}
