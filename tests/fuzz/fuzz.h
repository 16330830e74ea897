/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the harnesses share. Each is one function that takes any bytes, for libFuzzer and for AFL++,
 * which both know it by its name. It must leave things as it found them: the next input comes into
 * the same process.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One input. Always gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What of an input has not been used yet. Behind its end it is zeros. */
struct input {
	const uint8_t *data;
	size_t size;
};

/** The next byte, or two of them, or four. */
uint8_t input_byte(struct input *input);
uint16_t input_number(struct input *input);
uint32_t input_word(struct input *input);

/** The next SIZE bytes, or as many as there are, which SIZE says then. */
const uint8_t *input_bytes(struct input *input, size_t *size);

/** A number below LIMIT, which is at most 65536. */
uint32_t input_below(struct input *input, uint32_t limit);

/**
 * A copy of the bytes, with room BEFORE them and not one byte behind, so that AddressSanitizer sees
 * the first one too far. For free(). The copy begins BEFORE bytes into it.
 */
uint8_t *copy_of(const uint8_t *data, size_t size, size_t before);

/** A descriptor of a file in memory with these bytes, and a PATH to it. */
int file_of(const uint8_t *data, size_t size, char path[32]);

/** Whether the input names files that are none: devices that never end, and the like. */
bool names_no_file(const uint8_t *data, size_t size);

/** Ends the program, as a bug was found, unless CONDITION holds. */
void require(bool condition, const char *what);

/** That a text is one line, and nothing in it that a terminal obeys. */
void require_line(const char *text);

/** Bytes that are allocated now. Without AddressSanitizer always 0. */
size_t memory_used(void);

#endif
