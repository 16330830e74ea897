/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's account of what comes back. Some datagrams are sent, then the input is replies: true
 * ones, spoilt ones of which it is known how, and any bytes. They go through a socket. Each reply
 * is counted once, and those that are known are counted for what they are.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../app/udpecho/probe.h"
#include "../../app/udpecho/receive.h"
#include "fuzz.h"

#define RUN         UINT64_C(0x0123456789abcdef)
#define SLOTS       16
#define REPLIES_MAX 32
#define LONGEST     4096

enum spoil { SPOIL_NOT, SPOIL_SHORTEN, SPOIL_LENGTHEN, SPOIL_FLIP, SPOIL_ANY_BYTES, SPOIL_KINDS };

struct trial {
	struct options options;
	struct engine engine;
	struct latencies latencies;
	struct latencies *of_hosts[1];
	struct thread thread;
	struct flow flow;
	uint64_t replies;
};

/* One that was sent lately, as its echo should be. */
static size_t true_reply(const struct trial *trial, uint64_t sequence, uint8_t *bytes)
{
	const size_t length =
		probe_length(RUN, sequence, trial->options.size_least, trial->options.size_most);

	probe_write(bytes, length,
		&(struct probe){RUN, trial->flow.number, sequence,
			trial->flow.slots[sequence % SLOTS].due});
	return length;
}

/* The figure that a reply to SLOT, spoilt like that, is counted in. */
static const uint64_t *figure_of(const struct trial *trial, enum fate fate, enum spoil spoil)
{
	const struct tally *tally = &trial->flow.tally;

	if (fate != FATE_WAITING && fate != FATE_LOST)
		return &tally->duplicates;
	switch (spoil) {
	case SPOIL_NOT:
		return fate == FATE_LOST ? &tally->late : &tally->received;
	case SPOIL_SHORTEN:
		return &tally->truncated;
	case SPOIL_LENGTHEN:
		return &tally->extended;
	default:
		return &tally->corrupted;
	}
}

/* Sends a reply from the other end, and lets the client take it. */
static void deliver(struct trial *trial, int peer, const uint8_t *bytes, size_t size)
{
	uint8_t *exact = copy_of(bytes, size, 0);

	require(send(peer, exact, size, 0) == (ssize_t)size, "a reply can't be sent");
	free(exact);
	require(receive_all(&trial->thread, &trial->flow, false), "there is more than was sent");
	trial->replies++;
}

static void reply_one(struct trial *trial, int peer, struct input *input)
{
	uint8_t bytes[LONGEST + 256];
	const enum spoil spoil = input_below(input, SPOIL_KINDS);
	const uint64_t back = 1 + input_below(input, SLOTS);
	const uint64_t *figure;
	uint64_t before;
	struct slot *slot;
	size_t length, count;

	if (spoil == SPOIL_ANY_BYTES || back > trial->flow.next) {
		length = input_below(input, sizeof(bytes));
		deliver(trial, peer, input_bytes(input, &length), length);
		return;
	}
	slot = &trial->flow.slots[(trial->flow.next - back) % SLOTS];
	length = true_reply(trial, slot->sequence, bytes);
	count = 1 + input_byte(input);
	figure = figure_of(trial, slot->fate, spoil);
	if (spoil == SPOIL_SHORTEN && length < 16 + count)
		return;
	if (spoil == SPOIL_SHORTEN)
		length -= count;
	if (spoil == SPOIL_FLIP) { /* in one word of the three in front, or behind them */
		const size_t at = input_below(input, (uint32_t)length);

		bytes[at] ^= (uint8_t)(count > 255 ? 255 : count);
	}
	if (spoil == SPOIL_LENGTHEN) {
		memset(bytes + length, 0xa5, count);
		length += count;
	}
	before = *figure;
	deliver(trial, peer, bytes, length);
	require(*figure == before + 1, "a reply is not counted for what it is");
}

static void account(const struct trial *trial)
{
	const struct tally *tally = &trial->flow.tally;
	uint64_t waiting = 0;

	require(tally->received + tally->late + tally->truncated + tally->extended +
				tally->corrupted + tally->duplicates + tally->strangers +
				tally->stale ==
			trial->replies,
		"a reply that is not counted once");
	for (unsigned int i = 0; i < SLOTS; i++)
		waiting += trial->flow.slots[i].fate == FATE_WAITING;
	require(waiting == trial->flow.waiting, "another number of datagrams waits");
	require(tally_lost(tally) <= tally->sent, "more are lost than were sent");
}

static void send_some(struct trial *trial, unsigned int count, uint64_t *now)
{
	for (; count > 0; count--) {
		struct slot *taken = flow_taken(&trial->flow);

		if (taken != NULL && taken->fate == FATE_WAITING)
			(void)flow_expire(&trial->flow, UINT64_MAX);
		flow_send(&trial->flow, *now, *now + 1);
		*now += 0x01010101; /* no two of them differ in one byte alone */
	}
}

static void try_all(struct trial *trial, int peer, struct input *input)
{
	uint64_t now = 1000;

	send_some(trial, input_below(input, 2 * SLOTS), &now);
	for (unsigned int i = 0; i < REPLIES_MAX && input->size > 0; i++) {
		const uint8_t step = input_byte(input);

		if (step < 16)
			send_some(trial, step, &now);
		else if (step < 32)
			(void)flow_expire(&trial->flow, now);
		else
			reply_one(trial, peer, input);
		account(trial);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trial trial; /* too large for the stack */
	struct input input = {data, size};
	int ends[2];

	memset(&trial, 0, sizeof(trial));
	trial.options.size_least = PROBE_SIZE_MIN + input_below(&input, 1024);
	trial.options.size_most =
		trial.options.size_least + input_below(&input, LONGEST - PROBE_SIZE_MIN - 1024);
	trial.engine = (struct engine){.options = &trial.options, .run = RUN};
	trial.of_hosts[0] = &trial.latencies;
	trial.thread = (struct thread){.engine = &trial.engine,
		.latencies = trial.of_hosts,
		.receiver = receiver_make(trial.options.size_most)};
	require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
	trial.flow.socket = ends[0];
	trial.flow.number = input_number(&input);
	require(trial.thread.receiver != NULL && flow_init(&trial.flow, SLOTS), "no memory");
	try_all(&trial, ends[1], &input);
	flow_free(&trial.flow);
	receiver_free(trial.thread.receiver);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
