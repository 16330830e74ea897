/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as the configuration file. What is taken is printed, as --check does, and what is
 * printed is taken again and prints the same. Nothing stays allocated.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <udpecho/control/config.h>

#include "fuzz.h"

/* The effective configuration of the file, for free(); NULL: it is refused, and says why. */
static char *print_of(const uint8_t *data, size_t size, size_t *length)
{
	static struct config config; /* too large for the stack */
	struct error error = {0};
	char path[32], *text = NULL;
	const int file = file_of(data, size, path);
	bool is_good;

	config_init(&config);
	is_good =
		config_read_file(&config, path, &error) == 0 && config_finish(&config, &error) == 0;
	if (is_good) {
		FILE *stream = open_memstream(&text, length);

		require(stream != NULL, "no memory");
		config_print(&config, stream);
		fclose(stream);
	} else {
		require(error.text[0] != '\0', "refused, and no word why");
		require_line(error.text);
	}
	config_free(&config);
	close(file);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = memory_used();
	size_t length = 0, again_length = 0;
	char *text, *again;

	if (names_no_file(data, size))
		return 0;
	text = print_of(data, size, &length);
	if (text != NULL) {
		again = print_of((const uint8_t *)text, length, &again_length);
		require(again != NULL, "what it prints is refused");
		require(again_length == length && memcmp(text, again, length) == 0,
			"what it prints prints something else");
		free(again);
	}
	free(text);
	require(memory_used() <= before + 4096 || before == 0, "memory that is not given back");
	return 0;
}
