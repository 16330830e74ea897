/* SPDX-License-Identifier: BSD-3-Clause */
/* The names of all counters except verdicts, for the report and the metrics. */
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
	size_t offset; /* of the counter in its struct */
	const char *text;
	bool is_total; /* it counts all frames: the text report does not list it here */
};

/* Each table ends where the name is NULL. */
extern const struct counter_name counter_names[]; /* of struct counters */
extern const struct counter_name fault_names[];   /* of struct device_faults */
extern const struct counter_name driver_names[];  /* of struct rte_eth_stats */
extern const struct counter_name skip_names[];    /* of struct device_skips */

/* The name of each enum verdict_kind: "reply", "drop", "keep". */
extern const char *const names_of_kinds[];

#define QUANTILE_COUNT 4

/* A quantile of the residence time in the report. */
struct quantile_name {
	const char *name;
	double share;
};

extern const struct quantile_name quantile_names[QUANTILE_COUNT];

/**
 * Finds the verdicts that TEXT names: one verdict, with - or _ in its name, or all of a kind.
 * Returns VERDICT_SET_NONE if TEXT names none.
 */
verdict_set names_find_verdicts(const char *text);

/** Reads the counter NAME from the struct at BASE, which other threads may write to. */
static inline uint64_t counter_value(const struct counter_name *name, const void *base)
{
	return __atomic_load_n(
		(const uint64_t *)((const char *)base + name->offset), __ATOMIC_RELAXED);
}

#endif
