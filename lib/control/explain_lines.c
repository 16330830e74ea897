/* SPDX-License-Identifier: BSD-3-Clause */
/* --explain: a line for each frame. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include <udpecho/chain.h>
#include <udpecho/explain.h>

#include "names.h"

#define EXPLANATION_MAX 256

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

/* Takes OBJECT, which is NULL where there was no memory. */
static void print_object(json_t *object)
{
	if (object == NULL || json_dumpf(object, stdout, 0) < 0)
		fputs("{\"error\": \"no memory\"}", stdout);
	putchar('\n');
	json_decref(object);
}

static void print_json(
	const struct explain *explain, const struct frame *frame, enum verdict verdict)
{
	char why[EXPLANATION_MAX] = "";
	FILE *stream = fmemopen(why, sizeof(why), "w");

	if (stream != NULL) {
		explain_verdict(frame, verdict, stream);
		fclose(stream);
		why[sizeof(why) - 1] = '\0'; /* what fills it has no end */
	}
	print_object(json_pack("{sI ss ss ss}", "number", (json_int_t)explain->number, "verdict",
		verdict_name(verdict), "kind", names_of_kinds[verdict_kind(verdict)], "why", why));
}

void explain_skip(void *argument, uint64_t number, const char *why)
{
	struct explain *explain = argument;

	explain->number = number;
	if (explain->as_json)
		print_object(json_pack("{sI ss}", "number", (json_int_t)number, "skipped", why));
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
