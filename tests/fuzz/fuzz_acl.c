/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as the file of the access list. Its rules come in ascending order, with no bit behind a
 * prefix, and written as a file again they are the same. Nothing stays allocated.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/acl_file.h"
#include "format.h"

#include "fuzz.h"

/* The COUNT rules of a file; NULL: it has none, or is refused, and says why. */
static struct acl_rule *rules_of(const uint8_t *data, size_t size, size_t *count)
{
	struct error error = {0};
	struct acl_rule *rules = NULL;
	bool is_open_ended;
	char path[32];
	const int file = file_of(data, size, path);

	if (acl_file_read(path, NULL, &rules, count, &is_open_ended, &error) < 0) {
		require(strncmp(error.text, path, strlen(path)) == 0, "refused, and no word why");
		require_line(error.text);
		free(rules);
		rules = NULL;
		*count = 0;
	}
	close(file);
	return rules;
}

static void check_order(const struct acl_rule *rule, const struct acl_rule *before)
{
	const struct ip_prefix *prefix = &rule->prefix, *last = &before->prefix;
	const int order = memcmp(&last->address, &prefix->address, sizeof(prefix->address));

	require(order < 0 || (order == 0 && last->length < prefix->length) ||
			(order == 0 && last->length == prefix->length &&
				before->allow == rule->allow),
		"rules out of order, or a contradiction");
}

/* The rules as a file, for free(). */
static char *text_of(const struct acl_rule rules[], size_t count, size_t *size)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, size);

	require(stream != NULL, "no memory");
	for (size_t i = 0; i < count; i++) {
		const struct ip_prefix *prefix = &rules[i].prefix;

		require(ip_address_equal(ip_address_network(prefix->address, prefix->length),
				prefix->address),
			"a bit behind the prefix");
		if (i > 0)
			check_order(&rules[i], &rules[i - 1]);
		fprintf(stream, "%s %s/%u\n", rules[i].allow ? "allow" : "deny",
			format_address(prefix->address).text, prefix->length);
	}
	fclose(stream);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t before = memory_used();
	size_t count = 0, again_count = 0, length = 0;
	struct acl_rule *rules = rules_of(data, size, &count), *again;
	char *text = text_of(rules, count, &length);

	again = rules_of((const uint8_t *)text, length, &again_count);
	require(again_count == count, "what it writes has other rules");
	for (size_t i = 0; i < count; i++)
		require(ip_address_equal(rules[i].prefix.address, again[i].prefix.address) &&
				rules[i].prefix.length == again[i].prefix.length &&
				rules[i].allow == again[i].allow,
			"what it writes is another rule");
	free(rules);
	free(again);
	free(text);
	require(memory_used() <= before + 4096 || before == 0, "memory that is not given back");
	return 0;
}
