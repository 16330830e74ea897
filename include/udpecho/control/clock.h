/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Converts times by the TSC, which workers use, into times by other clocks. DPDK rounds the
 * frequency of some machines' TSC to 10 MHz, which would be wrong by a minute or two a day: this
 * measures it.
 */
#ifndef UDPECHO_CLOCK_H
#define UDPECHO_CLOCK_H

#include <stdint.h>
#include <time.h>

/* One moment by two clocks. */
struct clock_point {
	uint64_t ticks; /* of the TSC */
	uint64_t ns;    /* of the other clock */
};

/** Returns the seconds of CLOCK_MONOTONIC. */
double clock_now(void);

/** Returns this moment by the TSC and by CLOCK, such as CLOCK_REALTIME. */
struct clock_point clock_point_now(clockid_t clock);

/** Returns the ticks in a second, from two moments by one clock, or from DPDK if they are near. */
double clock_hz(const struct clock_point *from, const struct clock_point *to);

/** Returns what POINT's other clock said at TICKS, in nanoseconds. A second has HZ ticks. */
uint64_t clock_ns_at(const struct clock_point *point, uint64_t ticks, double hz);

#endif
