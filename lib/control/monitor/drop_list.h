/* SPDX-License-Identifier: BSD-3-Clause */
/* The last frames that were dropped, of all workers together. */
#ifndef UDPECHO_DROP_LIST_H
#define UDPECHO_DROP_LIST_H

#include <stdio.h>

#include <udpecho/control/appliance.h>
#include <udpecho/datapath/drops.h>

struct drop_record {
	enum verdict verdict;
	unsigned int worker;              /* that dropped it */
	const struct worker_queue *queue; /* that it came in */
	double when;                      /* seconds since 1970 */
	struct drop drop;
};

struct drop_list {
	size_t count;
	struct drop_record *records; /* the latest first */
};

/** What the workers have noted so far. False: no memory. From any thread, at no cost to them. */
bool drop_list_collect(struct drop_list *list, const struct appliance *appliance);

/** Frees what drop_list_collect() took. */
void drop_list_free(struct drop_list *list);

/** Writes why it was dropped, in the values seen; a line without its end. */
void drop_record_explain(const struct drop_record *record, FILE *stream);

#endif
