/* SPDX-License-Identifier: BSD-3-Clause */
/* Collects the last frames that all workers have dropped. */
#ifndef UDPECHO_DROP_LIST_H
#define UDPECHO_DROP_LIST_H

#include <stdio.h>

#include <udpecho/datapath/drops.h>

#include "runtime/runtime.h"

struct drop_record {
	enum verdict verdict;
	unsigned int worker;              /* the worker that dropped the frame */
	const struct worker_queue *queue; /* the queue that received the frame */
	double when;                      /* the time of the drop, in seconds since 1970 */
	struct drop drop;
};

struct drop_list {
	size_t count;
	struct drop_record *records; /* the latest first */
};

/**
 * Collects the drops that the workers have noted so far, and costs the workers nothing. Any thread
 * may call it. Returns false if there is no memory.
 */
bool drop_list_collect(struct drop_list *list, const struct runtime *runtime);

/** Frees what drop_list_collect() allocated. */
void drop_list_free(struct drop_list *list);

/** Writes why the frame was dropped, with the values in it: one line, without a line feed. */
void drop_record_explain(const struct drop_record *record, FILE *stream);

#endif
