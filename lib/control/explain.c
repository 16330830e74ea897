/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include <udpecho/explain.h>

static void observe(struct burst_observer *observer, struct rte_mbuf *const frames[],
	const enum verdict verdicts[], unsigned int count)
{
	struct explain *explain =
		(struct explain *)((char *)observer - offsetof(struct explain, observer));

	(void)frames;
	for (unsigned int i = 0; i < count; i++)
		printf("%" PRIu64 " %s %s\n", ++explain->number, verdict_name(verdicts[i]),
			verdict_text(verdicts[i]));
}

void explain_init(struct explain *explain)
{
	*explain = (struct explain){.observer = {.observe = observe}};
}
