/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the checksums of a fuzzer's frame right, as no fuzzer would guess them. */
#ifndef FUZZ_MEND_H
#define FUZZ_MEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The 16 bits at AT, in network byte order. */
uint32_t number_at(const uint8_t *at);

/**
 * Where in FRAME the extension headers of the IPv6 packet at IP end, as far as they are there. NEXT
 * follows.
 */
size_t behind_extensions(const uint8_t *frame, size_t size, size_t ip, uint8_t *next);

/**
 * Makes the checksums of FRAME right, as far as there is a header to have one. UDP's may be
 * PARTIAL.
 */
void mend_frame(uint8_t *frame, size_t size, bool partial);

#endif
