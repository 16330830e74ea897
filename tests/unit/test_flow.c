/* SPDX-License-Identifier: BSD-3-Clause */
/* The client's account of datagrams: orders, extremes, and replies that are damaged. */
#include <stdbool.h>
#include <string.h>

#include "flow.h"
#include "match.h"
#include "probe.h"
#include "suite.h"

#define RUN    UINT64_C(0x0123456789abcdef)
#define NUMBER 3
#define SLOTS  8
#define SIZE   40

static struct flow flow_with(uint64_t next)
{
	struct flow flow = {.number = NUMBER, .next = next, .oldest = next};

	assert_true(flow_init(&flow, SLOTS));
	return flow;
}

/* Due 1000, 1010 and so on, and sent a nanosecond after that. */
static void send_some(struct flow *flow, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		flow_send(flow, 1000 + flow->next * 10, 1001 + flow->next * 10);
}

static const struct order {
	const char *about;
	const char *came; /* sequences, as the replies came */
	unsigned int reordered, duplicates;
} orders[] = {
	{"in order", "01234567", 0, 0},
	{"two swapped", "01324567", 1, 0},
	{"one comes last", "12345670", 1, 0},
	{"one comes first", "70123456", 7, 0},
	{"backwards", "76543210", 7, 0},
	{"a loss is no reordering", "0123567", 0, 0},
	{"nor is a duplicate", "01123", 0, 1},
	{"not even an old one", "0123456700", 0, 2},
	{"the late one counts, not what overtook it", "1235647", 1, 0},
};

static void order_counts(void **state)
{
	const struct order *order = *state;
	struct flow flow = flow_with(0);
	const size_t length = strlen(order->came);

	send_some(&flow, SLOTS);
	for (size_t i = 0; i < length; i++)
		flow_receive(
			&flow, flow_find(&flow, (uint64_t)(order->came[i] - '0')), FATE_RECEIVED);
	assert_int_equal(flow.tally.reordered, order->reordered);
	assert_int_equal(flow.tally.duplicates, order->duplicates);
	assert_int_equal(flow.tally.received, length - order->duplicates);
	assert_int_equal(flow.waiting, SLOTS - flow.tally.received);
	assert_int_equal(tally_lost(&flow.tally), flow.waiting);
	flow_free(&flow);
}

static const struct fates {
	const char *about;
	enum fate first, then;
	bool is_given_up;
	enum fate wanted;
	unsigned int duplicates;
} fates[] = {
	{"in time", FATE_RECEIVED, FATE_NONE, false, FATE_RECEIVED, 0},
	{"given up, then it comes", FATE_RECEIVED, FATE_NONE, true, FATE_LATE, 0},
	{"given up, then twice", FATE_RECEIVED, FATE_RECEIVED, true, FATE_LATE, 1},
	{"given up, then wrong", FATE_CORRUPTED, FATE_NONE, true, FATE_CORRUPTED, 0},
	{"wrong, then right", FATE_TRUNCATED, FATE_RECEIVED, false, FATE_TRUNCATED, 1},
	{"right, then wrong", FATE_RECEIVED, FATE_EXTENDED, false, FATE_RECEIVED, 1},
	{"given up", FATE_NONE, FATE_NONE, true, FATE_LOST, 0},
};

static void fate_is(void **state)
{
	const struct fates *row = *state;
	struct flow flow = flow_with(0);
	struct slot *slot = flow_send(&flow, 10, 20);

	assert_null(flow_expire(&flow, 20));
	if (row->is_given_up)
		assert_ptr_equal(flow_expire(&flow, 21), slot);
	if (row->first != FATE_NONE)
		assert_true(flow_receive(&flow, slot, row->first));
	if (row->then != FATE_NONE)
		assert_false(flow_receive(&flow, slot, row->then));
	assert_int_equal(slot->fate, row->wanted);
	assert_int_equal(flow.tally.duplicates, row->duplicates);
	assert_int_equal(flow.waiting, 0);
	assert_int_equal(tally_lost(&flow.tally), row->wanted == FATE_LOST);
	assert_true(tally_loss(&flow.tally) ==
		    (row->wanted == FATE_LOST || row->wanted == FATE_LATE ? 100 : 0));
	flow_free(&flow);
}

/* Far beyond 32 bits, and round the ring more than once. */
static void ring_holds(void **state)
{
	const uint64_t first = UINT64_C(0xfffffffc);
	struct flow flow = flow_with(first);

	(void)state;
	send_some(&flow, 3 * SLOTS);
	assert_null(flow_find(&flow, flow.next));
	assert_null(flow_find(&flow, flow.next - SLOTS - 1));
	assert_null(flow_find(&flow, flow.next - UINT64_C(0x100000000)));
	for (uint64_t i = flow.next - SLOTS; i < flow.next; i++) {
		assert_int_equal(flow_find(&flow, i)->sequence, i);
		assert_ptr_equal(flow_find_due(&flow, 1000 + i * 10), flow_find(&flow, i));
		assert_null(flow_find_due(&flow, 1005 + i * 10));
	}
	assert_null(flow_find_due(&flow, 1000 + first * 10));
	assert_int_equal(flow_waits_since(&flow), 1001 + (flow.next - SLOTS) * 10);
	assert_ptr_equal(flow_taken(&flow), flow_find(&flow, flow.next - SLOTS));
	flow_free(&flow);
}

static void loss_is_a_share(void **state)
{
	struct tally tally = {.sent = UINT64_C(1) << 40, .received = (UINT64_C(1) << 40) - 1};

	(void)state;
	tally.duplicates = UINT64_MAX;
	assert_int_equal(tally_lost(&tally), 1);
	assert_true(tally_loss(&tally) > 0 && tally_loss(&tally) < 1e-9);
	tally.received = 0;
	tally.late = tally.sent;
	assert_int_equal(tally_lost(&tally), 0);
	assert_true(tally_loss(&tally) == 100);
	tally = (struct tally){0};
	assert_true(tally_loss(&tally) == 0);
}

/* Whichever bit of the first 24 bytes is wrong: the datagram that suffered it, and no other. */
static void damage_is_put_down(void **state)
{
	struct flow flow = flow_with(0);
	uint8_t bytes[SIZE];
	struct slot *slot;

	(void)state;
	/* As close as a window sends them: a bit away from each other, but for probe_due(). */
	for (uint64_t when = 999; flow.next < 2 * SLOTS; when += 2) {
		const uint64_t due = probe_due(when);

		assert_true(due >= when && due <= when + 2);
		flow_send(&flow, due, when);
	}
	for (unsigned int i = 0; i < 8 * PROBE_SIZE_MIN * SLOTS; i++) {
		const unsigned int bit = i / SLOTS;
		const uint64_t sequence = flow.next - 1 - i % SLOTS;

		probe_write(bytes, SIZE,
			&(struct probe){RUN, NUMBER, sequence, flow_find(&flow, sequence)->due});
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(match_find(&flow, RUN, bytes, SIZE, &slot), MATCH_SLOT);
		assert_int_equal(slot->sequence, sequence);
	}
	flow_free(&flow);
}

static const struct reply {
	const char *about;
	uint64_t run;
	uint16_t number;
	uint64_t sequence, due;
	size_t length;
	enum match wanted;
} replies[] = {
	{"ours", RUN, NUMBER, 12, 1120, SIZE, MATCH_SLOT},
	{"the least that is told", RUN, NUMBER, 12, 1120, 16, MATCH_SLOT},
	{"shorter than that", RUN, NUMBER, 12, 1120, 15, MATCH_NONE},
	{"nothing at all", RUN, NUMBER, 12, 1120, 0, MATCH_NONE},
	{"of another run", RUN + 1, NUMBER, 12, 5, SIZE, MATCH_NONE},
	{"of another run, and short", RUN + 1, NUMBER, 12, 1120, 16, MATCH_NONE},
	{"of another flow", RUN, NUMBER + 1, 12, 5, SIZE, MATCH_NONE},
	{"not sent yet", RUN, NUMBER, 16, 1160, SIZE, MATCH_NONE},
	{"too old", RUN, NUMBER, 7, 1070, SIZE, MATCH_FORGOTTEN},
	{"too old, of another run", RUN + 1, NUMBER, 7, 1070, SIZE, MATCH_NONE},
};

static void reply_is(void **state)
{
	const struct reply *reply = *state;
	struct flow flow = flow_with(0);
	struct slot *slot;
	uint8_t bytes[SIZE];

	send_some(&flow, 2 * SLOTS);
	probe_write(bytes, SIZE,
		&(struct probe){reply->run, reply->number, reply->sequence, reply->due});
	assert_int_equal(match_find(&flow, RUN, bytes, reply->length, &slot), (int)reply->wanted);
	if (reply->wanted == MATCH_SLOT)
		assert_int_equal(slot->sequence, reply->sequence);
	flow_free(&flow);
}

int main(void)
{
	SUITE_ADD(orders, order_counts);
	SUITE_ADD(fates, fate_is);
	SUITE_ADD(replies, reply_is);
	suite_add("round the ring, beyond 32 bits", ring_holds);
	suite_add("loss is a share, from 0 to 100", loss_is_a_share);
	suite_add("damage is put down to the datagram that suffered it", damage_is_put_down);
	return suite_run("flow");
}
