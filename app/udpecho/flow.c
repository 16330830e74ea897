/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow.h"

#include <stdlib.h>

const char *const fate_names[] = {
	[FATE_NONE] = "none",
	[FATE_WAITING] = "waiting",
	[FATE_RECEIVED] = "received",
	[FATE_LATE] = "late",
	[FATE_TRUNCATED] = "truncated",
	[FATE_EXTENDED] = "extended",
	[FATE_CORRUPTED] = "corrupted",
	[FATE_LOST] = "lost",
};

bool flow_init(struct flow *flow, uint64_t slots)
{
	flow->slot_count = slots;
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

struct slot *flow_send(struct flow *flow, uint64_t due)
{
	struct slot *slot = slot_at(flow, flow->next);

	if (slot->fate == FATE_WAITING)
		flow->waiting--;
	*slot = (struct slot){.sequence = flow->next++, .due = due, .fate = FATE_WAITING};
	if (flow->next - flow->oldest > flow->slot_count)
		flow->oldest = flow->next - flow->slot_count;
	flow->waiting++;
	flow->tally.sent++;
	return slot;
}

struct slot *flow_find(struct flow *flow, uint64_t sequence)
{
	struct slot *slot = slot_at(flow, sequence);

	return sequence < flow->next && slot->sequence == sequence ? slot : NULL;
}

/* RFC 4737 4.2.2: reordered is what comes after something that was sent later. */
static void order_check(struct flow *flow, uint64_t sequence)
{
	if (sequence < flow->expected)
		flow->tally.reordered++;
	else
		flow->expected = sequence + 1;
}

bool flow_receive(struct flow *flow, struct slot *slot, enum fate fate)
{
	struct tally *tally = &flow->tally;

	if (slot->fate != FATE_WAITING && slot->fate != FATE_LOST) {
		tally->duplicates++;
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
		tally->received++;
		break;
	case FATE_LATE:
		tally->late++;
		break;
	case FATE_TRUNCATED:
		tally->truncated++;
		break;
	case FATE_EXTENDED:
		tally->extended++;
		break;
	default:
		tally->corrupted++;
	}
	return true;
}

struct slot *flow_expire(struct flow *flow, uint64_t limit)
{
	for (; flow->oldest < flow->next; flow->oldest++) {
		struct slot *slot = slot_at(flow, flow->oldest);

		if (slot->fate != FATE_WAITING)
			continue;
		if (slot->due >= limit)
			return NULL;
		slot->fate = FATE_LOST;
		flow->waiting--;
		flow->oldest++;
		return slot;
	}
	return NULL;
}
