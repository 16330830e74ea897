/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>
#include <string.h>

#include <rte_cycles.h>

#include <udpecho/capture.h>

/* Their frames are still as they came when the verdict is known. */
static uint32_t drops(void)
{
	uint32_t mask = 0;

	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		mask |= (uint32_t)(verdict_kind(i) == VERDICT_KIND_DROP) << i;
	return mask;
}

/* Whether requests have to be copied before they become replies, as verdicts are not known yet. */
static bool copies_first(const struct capture *capture)
{
	return capture->received && (capture->verdicts & ~drops()) != 0;
}

static struct capture_tap *tap_of(struct burst_observer *observer)
{
	return (struct capture_tap *)((char *)observer - offsetof(struct capture_tap, observer));
}

/* NULL: it is not one of those that are wanted, or there is no room. */
static struct rte_mbuf *copy(struct capture_tap *tap, const struct rte_mbuf *frame, bool is_sent)
{
	const struct capture *capture = tap->capture;
	struct rte_mbuf *copy;

	if (capture->filter != NULL && rte_bpf_exec(capture->filter, (void *)(uintptr_t)frame) == 0)
		return NULL;
	copy = rte_pktmbuf_copy(frame, capture->pool, 0, capture->snaplen);
	if (copy == NULL) {
		counter_add(&tap->missed, 1);
		return NULL;
	}
	*capture_note(copy) = (struct capture_note){
		.when = rte_rdtsc(),
		.length = frame->pkt_len,
		.is_sent = is_sent,
		.tap = tap,
	};
	return copy;
}

static void hand_over(struct capture_tap *tap, struct rte_mbuf *copy, enum verdict verdict)
{
	if (copy == NULL)
		return;
	capture_note(copy)->verdict = verdict;
	if (rte_ring_enqueue(tap->capture->ring, copy) == 0)
		return;
	rte_pktmbuf_free(copy);
	counter_add(&tap->missed, 1);
}

static void receive(struct burst_observer *observer, const struct burst *burst)
{
	struct capture_tap *tap = tap_of(observer);

	if (!copies_first(tap->capture))
		return;
	for (unsigned int i = 0; i < burst->count; i++)
		tap->requests[i] = copy(tap, burst->frames[i], false);
}

static void answer(struct burst_observer *observer, const struct burst *burst)
{
	struct capture_tap *tap = tap_of(observer);
	const struct capture *capture = tap->capture;
	const bool have_copies = copies_first(capture);

	for (unsigned int i = 0; i < burst->count; i++) {
		const enum verdict verdict = burst->verdicts[i];

		if ((capture->verdicts >> verdict & 1) == 0) {
			if (have_copies)
				rte_pktmbuf_free(tap->requests[i]);
			continue;
		}
		if (have_copies)
			hand_over(tap, tap->requests[i], verdict);
		else if (capture->received)
			hand_over(tap, copy(tap, burst->frames[i], false), verdict);
		if (capture->sent && verdict_kind(verdict) == VERDICT_KIND_REPLY)
			hand_over(tap, copy(tap, burst->frames[i], true), verdict);
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
