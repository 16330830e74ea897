/* SPDX-License-Identifier: BSD-3-Clause */
/* What is counted besides the verdicts, by the names of the report and of the metrics. */
#ifndef UDPECHO_NAMES_H
#define UDPECHO_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ethdev.h>

#include <udpecho/control/device.h>
#include <udpecho/datapath/counters.h>

struct counter_name {
	const char *name;
	size_t offset; /* in the struct that the table is about */
	const char *text;
	bool is_total; /* of all frames: the text report begins with it, or leaves it out */
};

/* Each table ends where the name is NULL. */
extern const struct counter_name counter_names[]; /* of struct counters */
extern const struct counter_name fault_names[];   /* of struct device_faults */
extern const struct counter_name driver_names[];  /* of struct rte_eth_stats */
extern const struct counter_name skip_names[];    /* of struct device_skips */

/* Of each enum verdict_kind: "reply", "drop", "keep". */
extern const char *const names_of_kinds[];

#define QUANTILE_COUNT 4

/* Which quantiles of the residence time are reported. */
struct quantile_name {
	const char *name;
	double share;
};

extern const struct quantile_name quantile_names[QUANTILE_COUNT];

/**
 * The verdicts that TEXT names: one, with - or _ in its name, or all of a kind; VERDICT_SET_NONE:
 * it names none.
 */
verdict_set names_find_verdicts(const char *text);

/** The value of the counter that NAME is about, in the struct at BASE, which may be in use. */
static inline uint64_t counter_value(const struct counter_name *name, const void *base)
{
	return __atomic_load_n(
		(const uint64_t *)((const char *)base + name->offset), __ATOMIC_RELAXED);
}

#endif
