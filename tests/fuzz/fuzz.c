/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* Of the sanitizers' run time. */
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

uint8_t input_byte(struct input *input)
{
	if (input->size == 0)
		return 0;
	input->size--;
	return *input->data++;
}

uint16_t input_number(struct input *input)
{
	const uint8_t high = input_byte(input);

	return (uint16_t)(high << 8 | input_byte(input));
}

uint32_t input_word(struct input *input)
{
	const uint32_t high = input_number(input);

	return high << 16 | input_number(input);
}

const uint8_t *input_bytes(struct input *input, size_t *size)
{
	const uint8_t *bytes = input->data;

	if (*size > input->size)
		*size = input->size;
	input->data += *size;
	input->size -= *size;
	return bytes;
}

uint32_t input_below(struct input *input, uint32_t limit)
{
	return (limit <= 256 ? input_byte(input) : input_number(input)) % limit;
}

uint8_t *copy_of(const uint8_t *data, size_t size, size_t before)
{
	uint8_t *room = malloc(before + size);

	require(room != NULL || before + size == 0, "no memory");
	if (size > 0)
		memcpy(room + before, data, size);
	return room;
}

int file_of(const uint8_t *data, size_t size, char path[32])
{
	const int file = memfd_create("input", MFD_CLOEXEC);

	require(file >= 0 && write(file, data, size) == (ssize_t)size, "no file in memory");
	snprintf(path, 32, "/proc/self/fd/%d", file);
	return file;
}

bool names_no_file(const uint8_t *data, size_t size)
{
	return memmem(data, size, "/dev", 4) != NULL || memmem(data, size, "/proc", 5) != NULL ||
	       memmem(data, size, "/sys", 4) != NULL;
}

void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

void require_line(const char *text)
{
	for (; *text != '\0'; text++)
		require((unsigned char)*text >= ' ' && *text != 0x7f,
			"an error that is no plain line");
}

size_t memory_used(void)
{
	return __sanitizer_get_current_allocated_bytes != NULL
		       ? __sanitizer_get_current_allocated_bytes()
		       : 0;
}
