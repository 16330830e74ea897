/* SPDX-License-Identifier: BSD-3-Clause */
#include "send.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "deadline.h"
#include "probe.h"
#include "series.h"

#define BATCH 64
#define TARDY 1000000 /* nanoseconds */

struct outbox {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	uint8_t bytes[BATCH][PROBE_SIZE_MAX];
};

struct outbox *outbox_make(void)
{
	return malloc(sizeof(struct outbox));
}

void outbox_free(struct outbox *outbox)
{
	free(outbox);
}

/* The kernel takes COUNT of the outbox; what it refuses for good is lost, and counted as refused.
 */
static void outbox_send(
	struct worker *worker, struct flow *flow, struct outbox *outbox, unsigned int count)
{
	unsigned int sent = 0, attempts = 0;

	while (sent < count && !engine_is(&worker->engine->abandon)) {
		const int taken = sendmmsg(flow->socket, outbox->messages + sent, count - sent, 0);

		if (taken > 0) {
			sent += (unsigned int)taken;
			attempts = 0;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			struct pollfd room = {.fd = flow->socket, .events = POLLOUT};

			poll(&room, 1, 1);
		} else if (errno == EMSGSIZE) {
			engine_fail(worker->engine, EMSGSIZE);
		} else if (++attempts == 2) { /* the first may be an old error of the socket's */
			flow->tally.refused++;
			flow->error = errno;
			flow->has_gaps = true;
			sent++;
			attempts = 0;
		}
	}
}

/* Puts one more datagram of FLOW into the outbox, due at DUE. */
static void outbox_add(struct worker *worker, struct flow *flow, struct outbox *outbox,
	unsigned int place, uint64_t due, uint64_t now)
{
	const struct engine *engine = worker->engine;
	const struct slot *slot = flow_send(flow, due);
	const size_t length = probe_length(engine->run, slot->sequence, engine->options->size_least,
		engine->options->size_most);

	probe_write(outbox->bytes[place], length,
		&(struct probe){engine->run, flow->number, slot->sequence, due});
	outbox->vectors[place] = (struct iovec){outbox->bytes[place], length};
	outbox->messages[place].msg_hdr =
		(struct msghdr){.msg_iov = &outbox->vectors[place], .msg_iovlen = 1};
	if (now - due > TARDY)
		worker->tardy++;
	if (now - due > worker->tardiest)
		worker->tardiest = now - due;
	if (worker->series != NULL)
		series_sent(worker->series, due - engine->begun);
}

static bool has_quota(const struct flow *flow)
{
	return flow->next < flow->quota;
}

uint64_t send_due(const struct worker *worker, uint64_t turn)
{
	const struct options *options = worker->engine->options;
	const double gap = (double)NANOSECONDS_PER_SECOND / options->rate;

	return worker->engine->begun +
	       (uint64_t)((double)(turn * options->threads + worker->number) * gap);
}

/* Of the turns up to LAST, those of the flow at INDEX, in batches. */
static void turns_send(struct worker *worker, struct outbox *outbox, unsigned int index,
	uint64_t last, uint64_t now)
{
	struct flow *flow = worker->flows[index];
	const uint64_t skipped = (index + worker->flow_count - worker->turn % worker->flow_count) %
				 worker->flow_count;
	unsigned int count = 0;

	for (uint64_t turn = worker->turn + skipped; turn < last && has_quota(flow);
		turn += worker->flow_count) {
		outbox_add(worker, flow, outbox, count++, send_due(worker, turn), now);
		if (count == BATCH) {
			outbox_send(worker, flow, outbox, count);
			count = 0;
		}
	}
	if (count > 0)
		outbox_send(worker, flow, outbox, count);
}

bool send_by_rate(struct worker *worker, struct outbox *outbox, uint64_t end, uint64_t now)
{
	uint64_t last = worker->turn;
	bool has_more = false;

	/* Not too many at once, so that replies are read in between. */
	while (last < worker->turn + BATCH * (uint64_t)worker->flow_count &&
		send_due(worker, last) <= now && send_due(worker, last) < end)
		last++;
	for (unsigned int i = 0; i < worker->flow_count; i++) {
		turns_send(worker, outbox, i, last, now);
		has_more |= has_quota(worker->flows[i]);
	}
	worker->turn = last;
	return has_more && send_due(worker, last) < end;
}

bool send_by_window(struct worker *worker, struct outbox *outbox, uint64_t end, uint64_t now)
{
	bool has_more = false;

	if (now >= end)
		return false;
	for (unsigned int i = 0; i < worker->flow_count; i++) {
		struct flow *flow = worker->flows[i];
		unsigned int count = 0;

		while (flow->waiting < worker->engine->options->window && has_quota(flow) &&
			count < BATCH)
			outbox_add(worker, flow, outbox, count++, now, now);
		if (count > 0)
			outbox_send(worker, flow, outbox, count);
		has_more |= has_quota(flow);
	}
	return has_more;
}
