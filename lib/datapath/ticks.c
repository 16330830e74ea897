/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_cycles.h>

#include "ticks.h"

uint64_t ticks_now(void)
{
	return rte_rdtsc();
}
