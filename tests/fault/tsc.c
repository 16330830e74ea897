/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>

#include "tsc.h"

uint64_t __real_ticks_now(void);
uint64_t __wrap_ticks_now(void);

static uint64_t value, step, readings;
static bool is_set;

uint64_t __wrap_ticks_now(void)
{
	const uint64_t now = value;

	if (!is_set)
		return __real_ticks_now();
	value += step;
	readings++;
	return now;
}

void tsc_set(uint64_t to, uint64_t by)
{
	value = to;
	step = by;
	readings = 0;
	is_set = true;
}

uint64_t tsc_release(void)
{
	is_set = false;
	return readings;
}
