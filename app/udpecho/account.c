/* SPDX-License-Identifier: BSD-3-Clause */
#include "account.h"

#include <stdlib.h>

#include "series.h"

bool flow_init(struct flow *flow, uint64_t slots)
{
	flow->slot_count = slots;
	flow->stamps_end = UINT64_MAX;
	flow->slots = calloc(slots, sizeof(*flow->slots));
	return flow->slots != NULL;
}

void flow_free(struct flow *flow)
{
	free(flow->slots);
}

static struct slot *slot_at(struct flow *flow, uint64_t sequence)
{
	return &flow->slots[sequence & (flow->slot_count - 1)];
}

struct slot *flow_taken(struct flow *flow)
{
	return flow->next < flow->slot_count ? NULL : slot_at(flow, flow->next);
}

struct slot *flow_send(struct flow *flow, uint64_t due, uint64_t now)
{
	struct slot *slot = slot_at(flow, flow->next);

	*slot = (struct slot){
		.sequence = flow->next++, .due = due, .sent = now, .fate = FATE_WAITING};
	if (flow->next - flow->oldest > flow->slot_count)
		flow->oldest = flow->next - flow->slot_count;
	flow->waiting++;
	tally_count(&flow->tally.sent, 1);
	return slot;
}

void flow_unsend(struct flow *flow, unsigned int count)
{
	for (; count > 0; count--) {
		struct slot *slot = slot_at(flow, --flow->next);

		flow->waiting -= slot->fate == FATE_WAITING;
		slot->fate = FATE_NONE;
		tally_count(&flow->tally.sent, UINT64_MAX); /* one less */
	}
}

struct slot *flow_find(struct flow *flow, uint64_t sequence)
{
	struct slot *slot = slot_at(flow, sequence);

	return sequence < flow->next && slot->sequence == sequence ? slot : NULL;
}

/* Later datagrams are due later, so halving finds the one. */
struct slot *flow_find_due(struct flow *flow, uint64_t due)
{
	uint64_t first = flow->next < flow->slot_count ? 0 : flow->next - flow->slot_count;
	uint64_t end = flow->next;

	while (first < end) {
		const uint64_t middle = first + (end - first) / 2;
		struct slot *slot = slot_at(flow, middle);

		if (slot->due == due)
			return slot;
		if (slot->due < due)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

/* RFC 4737 4.2.2: a reply is reordered if it comes after the reply to a later datagram. */
static void order_check(struct flow *flow, uint64_t sequence)
{
	if (sequence < flow->expected)
		tally_count(&flow->tally.reordered, 1);
	else
		flow->expected = sequence + 1;
}

bool flow_receive(struct flow *flow, struct slot *slot, enum fate fate)
{
	struct tally *tally = &flow->tally;

	if (slot->fate != FATE_WAITING && slot->fate != FATE_LOST) {
		tally_count(&tally->duplicates, 1);
		return false;
	}
	order_check(flow, slot->sequence);
	if (slot->fate == FATE_WAITING)
		flow->waiting--;
	else if (fate == FATE_RECEIVED)
		fate = FATE_LATE;
	slot->fate = fate;
	switch (fate) {
	case FATE_RECEIVED:
		tally_count(&tally->received, 1);
		break;
	case FATE_LATE:
		tally_count(&tally->late, 1);
		break;
	case FATE_TRUNCATED:
		tally_count(&tally->truncated, 1);
		break;
	case FATE_EXTENDED:
		tally_count(&tally->extended, 1);
		break;
	default:
		tally_count(&tally->corrupted, 1);
	}
	return true;
}

/* The datagram that has waited longest; NULL: none waits. */
static struct slot *longest(struct flow *flow)
{
	for (; flow->oldest < flow->next; flow->oldest++) {
		struct slot *slot = slot_at(flow, flow->oldest);

		if (slot->fate == FATE_WAITING)
			return slot;
	}
	return NULL;
}

struct slot *flow_expire(struct flow *flow, uint64_t limit)
{
	struct slot *slot = longest(flow);

	if (slot == NULL || slot->sent >= limit)
		return NULL;
	slot->fate = FATE_LOST;
	flow->waiting--;
	return slot;
}

uint64_t flow_waits_since(struct flow *flow)
{
	const struct slot *slot = longest(flow);

	return slot == NULL ? UINT64_MAX : slot->sent;
}

static void tell(const struct engine *engine, const struct event *event)
{
	if (engine->observe != NULL)
		engine->observe(engine->context, event);
}

/* A reply to the datagram in SLOT will not be known any more: if it is lost, it is so for good. */
static void forget(const struct engine *engine, const struct flow *flow, const struct slot *slot)
{
	if (slot->fate == FATE_LOST)
		tell(engine, &(struct event){.flow = flow,
				     .slot = slot,
				     .fate = FATE_LOST,
				     .is_forgotten = true});
}

const struct slot *account_sent(
	struct thread *thread, struct flow *flow, uint64_t due, uint64_t now)
{
	const struct slot *taken = flow_taken(flow);

	if (taken != NULL && taken->fate == FATE_WAITING)
		(void)account_expire(thread, flow, UINT64_MAX);
	if (taken != NULL)
		forget(thread->engine, flow, taken);
	if (thread->series != NULL)
		series_sent(thread->series, due - thread->engine->begun);
	return flow_send(flow, due, now);
}

void account_refused(struct flow *flow, int error)
{
	tally_count(&flow->tally.refused, 1);
	flow->error = error;
}

void account_error(const struct engine *engine, struct flow *flow, int error)
{
	account_refused(flow, error);
	flow->told += flow->told < flow->waiting;
	tell(engine, &(struct event){.flow = flow, .error = error});
}

void account_stranger(struct flow *flow)
{
	tally_count(&flow->tally.strangers, 1);
}

void account_stale(struct flow *flow)
{
	tally_count(&flow->tally.stale, 1);
}

void account_reply(struct thread *thread, struct flow *flow, struct slot *slot, struct event *event)
{
	const struct engine *engine = thread->engine;
	struct latencies *latencies = thread->latencies[flow->host];

	event->is_duplicate = !flow_receive(flow, slot, event->fate);
	if (!event->is_duplicate) {
		event->fate = slot->fate;
		if (event->fate == FATE_RECEIVED || event->fate == FATE_LATE) {
			histogram_add(&latencies->all, event->latency);
			if (event->network != 0)
				histogram_add(&latencies->network, event->network);
			if (thread->series != NULL)
				series_received(
					thread->series, slot->due - engine->begun, event->latency);
		}
	}
	tell(engine, event);
}

bool account_expire(struct thread *thread, struct flow *flow, uint64_t limit)
{
	const struct engine *engine = thread->engine;
	const struct slot *slot = flow_expire(flow, limit);
	const bool is_told = flow->told > 0;

	if (slot == NULL)
		return false;
	if (thread->series != NULL)
		series_lost(thread->series, slot->due - engine->begun);
	flow->told -= is_told;
	tell(engine,
		&(struct event){.flow = flow, .slot = slot, .fate = FATE_LOST, .is_told = is_told});
	return true;
}

void account_end(const struct engine *engine, struct flow *flow)
{
	flow->tally.sent -= flow->waiting;
	flow->waiting = 0;
	for (uint64_t i = 0; i < flow->slot_count && engine->observe != NULL; i++)
		forget(engine, flow, &flow->slots[i]);
}
