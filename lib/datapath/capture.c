/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <udpecho/datapath/capture.h>

#include "ticks.h"

/* The verdicts whose frames are still as they came when answer() sees them. */
static verdict_set drops(void)
{
	verdict_set set = VERDICT_SET_NONE;

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		if (verdict_kind(i) == VERDICT_KIND_DROP)
			set |= verdict_set_of(i);
	return set;
}

/* Whether receive() has to copy all frames, because some that are wanted will become replies. */
static bool copies_first(const struct capture *capture)
{
	return capture->received && (capture->verdicts & ~drops()) != VERDICT_SET_NONE;
}

static struct capture_tap *tap_of(struct burst_observer *observer)
{
	return (struct capture_tap *)((char *)observer - offsetof(struct capture_tap, observer));
}

/* Copies FRAME. Returns NULL if the filter does not want it, or if there is NO_ROOM. */
static struct rte_mbuf *copy(
	struct capture_tap *tap, const struct rte_mbuf *frame, bool is_sent, bool *no_room)
{
	const struct capture *capture = tap->capture;
	struct rte_mbuf *copy;

	*no_room = false;
	if (capture->filter != NULL && rte_bpf_exec(capture->filter, (void *)(uintptr_t)frame) == 0)
		return NULL;
	copy = rte_pktmbuf_copy(frame, capture->pool, 0, capture->snaplen);
	*no_room = copy == NULL;
	if (copy == NULL)
		return NULL;
	*capture_note(copy) = (struct capture_note){
		.when = ticks_now(),
		.length = frame->pkt_len,
		.is_sent = is_sent,
		.tap = tap,
	};
	return copy;
}

static void hand_over(
	struct capture_tap *tap, struct rte_mbuf *copy, bool no_room, enum verdict verdict)
{
	if (copy != NULL) {
		capture_note(copy)->verdict = verdict;
		if (rte_ring_enqueue(tap->capture->ring, copy) == 0)
			return;
		rte_pktmbuf_free(copy);
		no_room = true;
	}
	if (no_room)
		counter_add(&tap->missed, 1);
}

static void receive(struct burst_observer *observer, const struct burst *burst)
{
	struct capture_tap *tap = tap_of(observer);

	if (!copies_first(tap->capture))
		return;
	for (unsigned int i = 0; i < burst->count; i++)
		tap->requests[i] = copy(tap, burst->frames[i], false, &tap->no_room[i]);
}

/* Hands over the request at PLACE: as it came, or if it is dropped, as it got its verdict. */
static void answer_request(struct capture_tap *tap, const struct burst *burst, unsigned int place,
	bool has_copy, bool is_wanted)
{
	const enum verdict verdict = burst->verdicts[place];
	const bool is_drop = verdict_kind(verdict) == VERDICT_KIND_DROP;
	struct rte_mbuf *request;
	bool no_room;

	if (has_copy && is_wanted && !is_drop) {
		hand_over(tap, tap->requests[place], tap->no_room[place], verdict);
		return;
	}
	if (has_copy)
		rte_pktmbuf_free(tap->requests[place]);
	if (!is_wanted)
		return;
	/* A reassembled datagram got its verdict as a whole, not as the fragment that came last. */
	request = copy(tap, burst->frames[place], false, &no_room);
	hand_over(tap, request, no_room, verdict);
}

static void answer(struct burst_observer *observer, const struct burst *burst)
{
	struct capture_tap *tap = tap_of(observer);
	const struct capture *capture = tap->capture;
	const bool has_copies = copies_first(capture);

	for (unsigned int i = 0; i < burst->count; i++) {
		const enum verdict verdict = burst->verdicts[i];
		const bool is_wanted = verdict_set_has(capture->verdicts, verdict);

		answer_request(tap, burst, i, has_copies, is_wanted && capture->received);
		if (is_wanted && capture->sent && verdict_kind(verdict) == VERDICT_KIND_REPLY) {
			bool no_room;
			struct rte_mbuf *reply = copy(tap, burst->frames[i], true, &no_room);

			hand_over(tap, reply, no_room, verdict);
		}
	}
}

void capture_tap_init(
	struct capture_tap *tap, const struct capture *capture, const struct worker_queue *queue)
{
	*tap = (struct capture_tap){
		.observer = {.receive = receive, .answer = answer},
		.capture = capture,
		.port = queue->port,
		.queue = queue->queue,
	};
}
