/* SPDX-License-Identifier: BSD-3-Clause */
/* What a program may call that machine.py runs on every value at once. */
#ifndef PROOF_SYMBOLIC_H
#define PROOF_SYMBOLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The SIZE bytes at DATA, a whole variable, may hold anything from now on. */
void any(void *data, size_t size);

/** Either. */
static inline bool any_bool(void)
{
	uint8_t byte;

	any(&byte, sizeof(byte));
	return byte & 1;
}

/** A buffer of SIZE bytes that may hold anything. */
uint8_t *bytes(uint64_t size);

/** What points into a copy of the buffer, as it is now, where DATA points into the buffer. */
const uint8_t *copy(const uint8_t *data);

/** Goes on only where CONDITION holds. */
void assume(bool condition);

/** VALUE, parted into one way for each value from FIRST to LAST; with another nothing goes on. */
uint8_t choose(uint8_t value, uint8_t first, uint8_t last);

/** CONDITION has to hold, whatever the values are. TEXT says so where it does not. */
void check(bool condition, const char *text);

#endif
