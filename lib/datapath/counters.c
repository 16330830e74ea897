/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/datapath/counters.h>

_Static_assert(sizeof(struct counters) % sizeof(uint64_t) == 0, "counters are uint64_t only");

void counters_collect(struct counters *to, const struct counters *from)
{
	uint64_t *sums = (uint64_t *)to;
	const uint64_t *values = (const uint64_t *)from;

	for (unsigned int i = 0; i < sizeof(*to) / sizeof(*sums); i++)
		sums[i] += __atomic_load_n(&values[i], __ATOMIC_RELAXED);
}
