/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any command line: the input's lines are its words, each in memory of exactly its size. A line
 * that is `@` alone is a configuration file, which the lines behind it are.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../app/udpechod/options.h"
#include "fuzz.h"

#define WORDS_MAX 64

struct words {
	int count;
	char *words[WORDS_MAX + 1];
};

static void add(struct words *words, const uint8_t *data, size_t size)
{
	char *word = malloc(size + 1);

	require(word != NULL, "no memory");
	memcpy(word, data, size);
	word[size] = '\0';
	words->words[words->count++] = word;
}

/* Gives what is behind a line of `@`, the file; NULL: there is none. */
static const uint8_t *split(struct words *words, const uint8_t *data, size_t size)
{
	add(words, (const uint8_t *)"udpechod", 8);
	while (size > 0 && words->count < WORDS_MAX - 2) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end != NULL ? (size_t)(end - data) : size;

		if (length == 1 && data[0] == '@' && end != NULL)
			return end + 1;
		if (memchr(data, '\0', length) == NULL)
			add(words, data, length);
		size -= end != NULL ? length + 1 : length;
		data += end != NULL ? length + 1 : length;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config; /* too large for the stack */
	const size_t before = memory_used();
	struct words words = {0};
	struct error error = {0};
	const uint8_t *file;
	int descriptor = -1;
	char path[32];
	enum action action;

	if (names_no_file(data, size))
		return 0;
	file = split(&words, data, size);
	if (file != NULL) {
		descriptor = file_of(file, size - (size_t)(file - data), path);
		add(&words, (const uint8_t *)"-c", 2);
		add(&words, (const uint8_t *)path, strlen(path));
	}
	config_init(&config);
	action = options_read(words.count, words.words, &config, &error);
	require((action == ACTION_REFUSE) == (error.text[0] != '\0'),
		"refused and no word why, or a complaint and not refused");
	require_line(error.text);
	if (action == ACTION_RUN || action == ACTION_CHECK) {
		FILE *stream = fopen("/dev/null", "we");

		require(config.device_count > 0, "it would run without a device");
		config_print(&config, stream);
		fclose(stream);
	}
	config_free(&config);
	for (int i = 0; i < words.count; i++)
		free(words.words[i]); /* whatever order they are in now */
	if (descriptor >= 0)
		close(descriptor);
	require(memory_used() <= before + 4096 || before == 0, "memory that is not given back");
	return 0;
}
