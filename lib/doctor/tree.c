/* SPDX-License-Identifier: BSD-3-Clause */
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/parse.h"
#include "doctor/tree.h"

#define PATH(path, machine, format)                       \
	do {                                              \
		va_list values;                           \
		va_start(values, format);                 \
		make_path(path, machine, format, values); \
		va_end(values);                           \
	} while (0)

static void make_path(
	char path[PATH_MAX], const struct machine *machine, const char *format, va_list values)
{
	const int length = snprintf(path, PATH_MAX, "%s", machine->root);

	vsnprintf(path + length, PATH_MAX - (size_t)length, format, values);
}

static bool read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool is_read;

	text[0] = '\0';
	if (file == NULL)
		return false;
	/* A file in /sys may exist and still fail to be read; an empty one counts as read. */
	is_read = fgets(text, (int)size, file) != NULL || !ferror(file);
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return is_read;
}

bool tree_read(const struct machine *machine, char *text, size_t size, const char *format, ...)
{
	char path[PATH_MAX];

	PATH(path, machine, format);
	return read_line(path, text, size);
}

long tree_number(const struct machine *machine, long otherwise, const char *format, ...)
{
	char path[PATH_MAX], text[64], *end;
	long number;

	PATH(path, machine, format);
	if (!read_line(path, text, sizeof(text)))
		return otherwise;
	number = strtol(text, &end, 0);
	return end == text ? otherwise : number;
}

bool tree_cores(const struct machine *machine, cpu_set_t *cores, const char *format, ...)
{
	char path[PATH_MAX], text[4096];

	PATH(path, machine, format);
	CPU_ZERO(cores);
	return read_line(path, text, sizeof(text)) && parse_cores(text, cores);
}

bool tree_link(const struct machine *machine, char *text, size_t size, const char *format, ...)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	PATH(path, machine, format);
	text[0] = '\0';
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	snprintf(text, size, "%s", tree_name(target));
	return true;
}

bool tree_has(const struct machine *machine, const char *format, ...)
{
	char path[PATH_MAX];

	PATH(path, machine, format);
	return access(path, F_OK) == 0;
}

/* The file's first part that ends with END and fits the pattern. */
static int find_part(const char *path, int end, char *part, size_t size, const char *pattern)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t length;
	int found = 0;

	part[0] = '\0';
	if (file == NULL)
		return -1;
	while (found == 0 && (length = getdelim(&text, &room, end, file)) >= 0) {
		if (length > 0 && text[length - 1] == end)
			text[length - 1] = '\0';
		if (fnmatch(pattern, text, 0) == 0) {
			snprintf(part, size, "%s", text);
			found = 1;
		}
	}
	free(text);
	fclose(file);
	return found;
}

int tree_find(const struct machine *machine, char *line, size_t size, const char *pattern,
	const char *format, ...)
{
	char path[PATH_MAX];

	PATH(path, machine, format);
	return find_part(path, '\n', line, size, pattern);
}

int tree_find_string(const struct machine *machine, char *string, size_t size, const char *pattern,
	const char *format, ...)
{
	char path[PATH_MAX];

	PATH(path, machine, format);
	return find_part(path, '\0', string, size, pattern);
}

void tree_glob(const struct machine *machine, glob_t *found, const char *format, ...)
{
	char path[PATH_MAX];

	PATH(path, machine, format);
	memset(found, 0, sizeof(*found));
	glob(path, GLOB_BRACE, NULL, found);
}

struct tree_literal tree_escape(const char *name)
{
	struct tree_literal literal = {.text = ""};
	size_t length = 0;

	for (; *name != '\0' && length + 2 < sizeof(literal.text); name++) {
		if (strchr("*?[]{},\\", *name) != NULL)
			literal.text[length++] = '\\';
		literal.text[length++] = *name;
	}
	return literal;
}

const char *tree_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}
