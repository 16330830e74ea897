/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares each variant of lib/packet with the reference, burst by burst. */
#ifndef EQUAL_BURST_H
#define EQUAL_BURST_H

#include "sample.h"

/** Returns whether this CPU has VARIANT's instructions, as the compiler sees it, not the appliance.
 */
bool variant_runs(const struct variant *variant);

/**
 * Lets VARIANT read BURST, and write replies to those frames that it takes and that WRITTEN has.
 * Returns NULL, or what differs from the reference, and in INDEX the frame that differs. Adds the
 * number of frames that the variant took to TAKEN.
 */
const char *burst_compare(const struct variant *variant, const struct sample_burst *burst,
	uint32_t written, unsigned int *index, uint64_t *taken);

#endif
