/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TSC, by which workers note when something was, against the clocks of everybody else. DPDK
 * rounds the frequency of some machines' TSC to 10 MHz: of a day that would be a minute or two.
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

/** Seconds of CLOCK_MONOTONIC. */
double clock_now(void);

/** This moment by CLOCK, such as CLOCK_REALTIME. */
struct clock_point clock_point_now(clockid_t clock);

/** The ticks in a second, from two moments by one clock; DPDK's figure where they are too near. */
double clock_hz(const struct clock_point *from, const struct clock_point *to);

/** What POINT's other clock said at TICKS, in nanoseconds, where HZ of them are in a second. */
uint64_t clock_ns_at(const struct clock_point *point, uint64_t ticks, double hz);

#endif
