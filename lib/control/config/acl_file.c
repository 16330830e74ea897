/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/acl_file.h"
#include "config/parse.h"
#include "config/text_file.h"

/* A line without its comment: two words, or none. */
static bool parse_line(char *line, struct acl_rule *rule, bool *is_empty)
{
	char *rest = NULL, *verb, *prefix;
	unsigned int length;
	be32_t address;
	uint32_t mask;

	line[strcspn(line, "#\n")] = '\0';
	verb = strtok_r(line, " \t\r", &rest);
	*is_empty = verb == NULL;
	if (*is_empty)
		return true;
	prefix = strtok_r(NULL, " \t\r", &rest);
	if (prefix == NULL || strtok_r(NULL, " \t\r", &rest) != NULL)
		return false;
	rule->allow = strcmp(verb, "allow") == 0;
	if (!rule->allow && strcmp(verb, "deny") != 0)
		return false;
	if (!parse_prefix(prefix, &address, &length))
		return false;
	mask = length > 0 ? UINT32_MAX << (32 - length) : 0;
	rule->prefix = be32_get(address) & mask;
	rule->length = (uint8_t)length;
	return true;
}

static int read_rules(
	FILE *file, const char *path, struct acl_rule **rules, size_t *count, struct error *error)
{
	size_t room = 0, number = 0, size = 0;
	struct acl_rule *grown;
	char *line = NULL;
	bool is_empty;
	int result = 0;

	while (result == 0 && getline(&line, &size, file) >= 0) {
		number++;
		if (*count == room) {
			room = room > 0 ? 2 * room : 64;
			grown = reallocarray(*rules, room, sizeof(**rules));
			if (grown == NULL) {
				result = error_set(error, ENOMEM, "no memory");
				break;
			}
			*rules = grown;
		}
		if (!parse_line(line, &(*rules)[*count], &is_empty))
			result = error_set(error, EINVAL,
				"%s:%zu: not a rule: write it as `allow 198.18.0.0/15` or "
				"`deny 0.0.0.0/0`",
				path, number);
		else
			*count += !is_empty;
	}
	/* Out of memory is no end of file either: what is left out might be the denials. */
	if (result == 0 && !feof(file))
		result = error_set(error, errno, "%s: %s", path, strerror(errno));
	free(line);
	return result;
}

int acl_file_read(const char *path, bool may_wait, struct acl_rule **rules, size_t *count,
	struct error *error)
{
	FILE *file;
	int result = text_file_open(&file, path, may_wait, error);

	if (result < 0)
		return result;
	free(*rules);
	*rules = NULL;
	*count = 0;
	result = read_rules(file, path, rules, count, error);
	fclose(file);
	return result;
}
