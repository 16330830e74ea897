/* SPDX-License-Identifier: BSD-3-Clause */
/* --explain prints a line for each frame. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include <udpecho/control/explain.h>
#include <udpecho/datapath/chain.h>

#include "names.h"

static void receive(struct burst_observer *observer, const struct burst *burst)
{
	(void)observer;
	(void)burst;
}

static void explain_verdict(const struct frame *frame, enum verdict verdict, FILE *stream)
{
	if (verdict_kind(verdict) == VERDICT_KIND_DROP)
		explain_drop(frame, verdict, stream);
	else
		fputs(verdict_text(verdict), stream);
}

/* Explanations have no characters that JSON escapes, so that this needs no memory. */
static void print_json(
	const struct explain *explain, const struct frame *frame, enum verdict verdict)
{
	printf("{\"number\": %" PRIu64 ", \"verdict\": \"%s\", \"kind\": \"%s\", \"why\": \"",
		explain->number, verdict_name(verdict), names_of_kinds[verdict_kind(verdict)]);
	explain_verdict(frame, verdict, stdout);
	puts("\"}");
}

void explain_skip(void *argument, uint64_t number, const char *why)
{
	struct explain *explain = argument;

	explain->number = number;
	if (explain->as_json)
		printf("{\"number\": %" PRIu64 ", \"skipped\": \"%s\"}\n", number, why);
	else
		printf("%" PRIu64 " skipped %s\n", number, why);
}

static void answer(struct burst_observer *observer, const struct burst *burst)
{
	struct explain *explain =
		(struct explain *)((char *)observer - offsetof(struct explain, observer));

	for (unsigned int i = 0; i < burst->count; i++) {
		const struct rte_mbuf *mbuf = burst->frames[i];
		const enum verdict verdict = burst->verdicts[i];
		struct segment rest[CHAIN_SEGMENTS_MAX];

		const struct frame frame = {
			.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
			.contiguous = mbuf->data_len,
			.length = chain_list(mbuf, rest),
			.rest = rest,
		};

		explain->number++;
		if (explain->as_json) {
			print_json(explain, &frame, verdict);
			continue;
		}
		printf("%" PRIu64 " %s ", explain->number, verdict_name(verdict));
		explain_verdict(&frame, verdict, stdout);
		putchar('\n');
	}
}

void explain_init(struct explain *explain, bool as_json)
{
	*explain = (struct explain){
		.observer = {.receive = receive, .answer = answer},
		.as_json = as_json,
	};
}
