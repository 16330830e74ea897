/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_cycles.h>

#include <udpecho/control/clock.h>

#define ATTEMPTS 8
#define NEAR_NS  10000000 /* 10 ms: readings may be wrong by some microseconds */

double clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* The thread may have to wait between reading the two clocks, so the closest pair counts. */
struct clock_point clock_point_now(clockid_t clock)
{
	struct clock_point best = {0};
	uint64_t least = UINT64_MAX;

	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		const uint64_t before = rte_rdtsc();
		struct timespec time;
		uint64_t span;

		clock_gettime(clock, &time);
		span = rte_rdtsc() - before;
		if (span >= least)
			continue;
		least = span;
		best.ticks = before + span / 2;
		best.ns = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	}
	return best;
}

double clock_hz(const struct clock_point *from, const struct clock_point *to)
{
	const uint64_t ns = to->ns - from->ns;

	if (from->ns == 0 || to->ns < from->ns || ns < NEAR_NS)
		return (double)rte_get_tsc_hz();
	return (double)(to->ticks - from->ticks) * 1e9 / (double)ns;
}

uint64_t clock_ns_at(const struct clock_point *point, uint64_t ticks, double hz)
{
	const double since = (double)(int64_t)(ticks - point->ticks); /* or before, if negative */

	return point->ns + (uint64_t)(int64_t)(since * 1e9 / hz);
}
