/* SPDX-License-Identifier: BSD-3-Clause */
/* A burst made of the input through every variant that the CPU has, and the reference. */
#include <stdio.h>
#include <stdlib.h>

#include "../equal/burst.h"
#include "fuzz.h"

/* Behind its end the input is zeros, of which plain frames come. */
static uint32_t next_byte_of_input(struct source *source)
{
	uint32_t value = 0;

	for (int i = 0; i < 2 && source->size > 0; i++, source->size--)
		value = value << 8 | *source->data++;
	return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sample_burst burst; /* too large for the stack */
	struct source source = {.next = next_byte_of_input, .data = data, .size = size};
	unsigned int count, index;
	uint64_t taken = 0;
	const struct variant *variants = plain_variants(&count);

	burst_make(&burst, &source);
	for (unsigned int i = 1; i < count; i++) {
		const char *wrong;

		if (!variant_runs(&variants[i]))
			continue;
		wrong = burst_compare(&variants[i], &burst, UINT32_MAX, &index, &taken);
		if (wrong != NULL) {
			fprintf(stderr, "%s: frame %u: %s\n", variants[i].name, index, wrong);
			abort();
		}
	}
	return 0;
}
