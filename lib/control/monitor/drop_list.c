/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include <udpecho/control/explain.h>

#include "monitor/drop_list.h"

static int compare(const void *left, const void *right)
{
	const struct drop_record *a = left, *b = right;

	if (a->when != b->when)
		return a->when < b->when ? 1 : -1;
	return (a->drop.number < b->drop.number) - (a->drop.number > b->drop.number);
}

bool drop_list_collect(struct drop_list *list, const struct runtime *runtime)
{
	const size_t room = (size_t)runtime->worker_count * VERDICT_COUNT * DROPS_OF_EACH;
	struct clock_point now, monotonic;
	double hz;

	*list = (struct drop_list){.records = calloc(room, sizeof(*list->records))};
	if (list->records == NULL)
		return false;
	for (unsigned int i = 0; i < runtime->worker_count; i++)
		for (size_t j = 0; j < (size_t)VERDICT_COUNT * DROPS_OF_EACH; j++) {
			const struct worker *worker = runtime->workers[i];
			struct drop_record *record = &list->records[list->count];

			record->verdict = (enum verdict)(j / DROPS_OF_EACH);
			if (!drops_read(&worker->drops, record->verdict, j % DROPS_OF_EACH,
				    &record->drop))
				continue;
			record->worker = i;
			record->queue = &worker->queues[record->drop.queue];
			list->count++;
		}
	now = clock_point_now(CLOCK_REALTIME);
	monotonic = clock_point_now(CLOCK_MONOTONIC);
	hz = clock_hz(&runtime->started, &monotonic);
	for (size_t i = 0; i < list->count; i++) {
		struct drop_record *record = &list->records[i];

		/* Frames of a replayed capture have its times, in nanoseconds since 1970. */
		record->when = record->queue->stage.timestamp_offset >= 0
				       ? (double)record->drop.when / 1e9
				       : (double)clock_ns_at(&now, record->drop.when, hz) / 1e9;
	}
	qsort(list->records, list->count, sizeof(*list->records), compare);
	return true;
}

void drop_list_free(struct drop_list *list)
{
	free(list->records);
}

void drop_record_explain(const struct drop_record *record, FILE *stream)
{
	struct drop drop = record->drop;
	const struct frame frame = {
		.data = drop.bytes,
		.contiguous = drop.kept,
		.length = drop.length,
	};

	explain_drop(&frame, record->verdict, stream);
}
