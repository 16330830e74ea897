/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/acl_file.h"
#include "config/parse.h"
#include "config/text_file.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)

/* A rule, and the number of its line. */
struct place {
	struct acl_rule rule;
	unsigned int line;
};

/* The rules so far. */
struct list {
	struct place *places;
	size_t count, room;
};

/*
 * Parses a line: two words, or none, and perhaps a comment. Returns NULL, or how to write what is
 * no rule.
 */
static const char *parse_line(char *line, struct acl_rule *rule, bool *is_empty)
{
	static const char form[] = "write it as `allow 198.18.0.0/15` or `deny ::/0`";
	char *rest = NULL, *verb, *prefix;

	line[strcspn(line, "#")] = '\0';
	verb = strtok_r(line, " \t\r", &rest);
	*is_empty = verb == NULL;
	if (*is_empty)
		return NULL;
	prefix = strtok_r(NULL, " \t\r", &rest);
	if (prefix == NULL || strtok_r(NULL, " \t\r", &rest) != NULL)
		return form;
	rule->allow = strcmp(verb, "allow") == 0;
	if (!rule->allow && strcmp(verb, "deny") != 0)
		return form;
	if (!parse_prefix(prefix, &rule->prefix))
		return parse_prefix_advice(prefix);
	rule->prefix.address = ip_address_network(rule->prefix.address, rule->prefix.length);
	return NULL;
}

static int add(struct list *list, const struct acl_rule *rule, unsigned int line)
{
	if (list->count == list->room) {
		const size_t room = 2 * list->room + 64;
		struct place *grown = reallocarray(list->places, room, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		list->places = grown;
		list->room = room;
	}
	list->places[list->count++] = (struct place){*rule, line};
	return 0;
}

static int read_places(struct list *list, struct text_file *file, struct error *error)
{
	struct acl_rule rule;
	const char *advice;
	bool is_empty;
	char *line;

	while ((line = text_file_line(file)) != NULL) {
		advice = parse_line(line, &rule, &is_empty);
		if (advice != NULL)
			return error_set(error, EINVAL, "%s:%u: not a rule: %s", file->path,
				file->number, advice);
		if (!is_empty && add(list, &rule, file->number) < 0)
			return error_set(error, ENOMEM, "no memory");
	}
	return 0;
}

static int take_rules(const struct list *list, struct acl_rule **rules, struct error *error)
{
	*rules = list->count > 0 ? reallocarray(NULL, list->count, sizeof(**rules)) : NULL;
	if (list->count > 0 && *rules == NULL)
		return error_set(error, ENOMEM, "no memory");
	for (size_t i = 0; i < list->count; i++)
		(*rules)[i] = list->places[i].rule;
	return 0;
}

static int compare_prefixes(const struct ip_prefix *a, const struct ip_prefix *b)
{
	const int order = memcmp(&a->address, &b->address, sizeof(a->address));

	return order != 0 ? order : a->length - b->length;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	const int order = compare_prefixes(&one->rule.prefix, &other->rule.prefix);

	return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

/* Refuses a prefix that is both allowed and denied: only the operator knows which one is right. */
static int check_contradictions(const struct list *list, const char *path, struct error *error)
{
	for (size_t i = 1; i < list->count; i++) {
		const struct place *last = &list->places[i - 1], *now = &list->places[i];

		if (compare_prefixes(&now->rule.prefix, &last->rule.prefix) == 0 &&
			now->rule.allow != last->rule.allow)
			return error_set(error, EINVAL,
				"%s:%u: line %u says %s for the same prefix: remove one of them",
				path, now->line, last->line, last->rule.allow ? "allow" : "deny");
	}
	return 0;
}

int acl_file_read(const char *path, const struct pulse *pulse, struct acl_rule **rules,
	size_t *count, bool *is_open_ended, struct error *error)
{
	struct list list = {0};
	struct text_file file;
	int result = text_file_read(&file, path, FILE_MAX, pulse, error);

	if (result < 0)
		return result;
	free(*rules);
	*rules = NULL;
	*count = 0;
	result = read_places(&list, &file, error);
	if (result == 0 && list.count > 0)
		qsort(list.places, list.count, sizeof(*list.places), compare_places);
	if (result == 0)
		result = check_contradictions(&list, path, error);
	if (result == 0)
		result = take_rules(&list, rules, error);
	*count = list.count;
	*is_open_ended = file.is_open_ended;
	free(list.places);
	text_file_free(&file);
	return result;
}
