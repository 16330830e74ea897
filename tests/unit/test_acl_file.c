/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/acl_file.h"

#include "suite.h"

/* A file, and the rules in it, or the line that is wrong. */
struct acl_case {
	const char *about;
	const char *text;
	size_t count;
	struct acl_rule rules[3];
	unsigned int wrong_line;
};

static const struct acl_case cases[] = {
	{"no rule", "", 0, {{0}}, 0},
	{"blank lines and comments alone", "\n# all may come\n \t\r\n", 0, {{0}}, 0},
	{"allow", "allow 198.18.0.0/15\n", 1, {{0xc6120000, 15, true}}, 0},
	{"deny", "deny 198.18.0.0/15\n", 1, {{0xc6120000, 15, false}}, 0},
	{"no newline at the end", "deny 10.0.0.0/8", 1, {{0x0a000000, 8, false}}, 0},
	{"lines end as in DOS", "deny 10.0.0.0/8\r\nallow 10.1.0.0/16\r\n", 2,
		{{0x0a000000, 8, false}, {0x0a010000, 16, true}}, 0},
	{"a comment behind a rule", "deny 10.0.0.0/8# not us\n", 1, {{0x0a000000, 8, false}}, 0},
	{"blanks and tabs", "\t deny \t 10.0.0.0/8 \n", 1, {{0x0a000000, 8, false}}, 0},
	{"an address without a length is one host", "allow 10.0.0.1", 1, {{0x0a000001, 32, true}},
		0},
	{"bits behind the prefix are cleared", "allow 10.1.2.3/20", 1, {{0x0a010000, 20, true}}, 0},
	{"everybody", "deny 255.255.255.255/0", 1, {{0, 0, false}}, 0},
	{"in the order of the file", "deny 10.0.0.0/8\n\nallow 10.0.0.1\ndeny 0.0.0.0/0\n", 3,
		{{0x0a000000, 8, false}, {0x0a000001, 32, true}, {0, 0, false}}, 0},
	{"a verb alone", "allow\n", 0, {{0}}, 1},
	{"a prefix alone", "\n10.0.0.0/8\n", 0, {{0}}, 2},
	{"another verb", "allow 10.0.0.1\nreject 10.0.0.0/8\n", 0, {{0}}, 2},
	{"a verb in capitals", "DENY 10.0.0.0/8\n", 0, {{0}}, 1},
	{"a prefix of 33", "\n\ndeny 10.0.0.0/33\n", 0, {{0}}, 3},
	{"a third word", "deny 10.0.0.0/8 10.1.0.0/16\n", 0, {{0}}, 1},
};

static void write_file(char *path, const char *text, size_t times)
{
	const int descriptor = mkstemp(path);
	FILE *file = fdopen(descriptor, "w");

	assert_non_null(file);
	while (times-- > 0)
		fputs(text, file);
	fclose(file);
}

static void test_file(void **state)
{
	const struct acl_case *row = *state;
	char path[] = "/tmp/udpecho-unit-XXXXXX", place[64];
	struct acl_rule *rules = NULL;
	struct error error = {""};
	size_t count = 99;
	int result;

	write_file(path, row->text, 1);
	result = acl_file_read(path, true, &rules, &count, &error);
	unlink(path);
	if (row->wrong_line > 0) {
		assert_int_equal(result, -EINVAL);
		snprintf(place, sizeof(place), "%s:%u: ", path, row->wrong_line);
		assert_memory_equal(error.text, place, strlen(place));
		assert_null(strchr(error.text, '\n'));
	} else {
		assert_int_equal(result, 0);
		assert_int_equal(count, row->count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(rules[i].prefix, row->rules[i].prefix);
			assert_int_equal(rules[i].length, row->rules[i].length);
			assert_int_equal(rules[i].allow, row->rules[i].allow);
		}
	}
	free(rules);
}

/* Read again, the rules take the place of the old ones, however many there were. */
static void test_again(void **state)
{
	char path[] = "/tmp/udpecho-unit-XXXXXX";
	struct acl_rule *rules = NULL;
	struct error error;
	size_t count = 0;

	(void)state;
	write_file(path, "deny 10.0.0.0/8\n", 1000);
	assert_int_equal(acl_file_read(path, true, &rules, &count, &error), 0);
	assert_int_equal(count, 1000);
	assert_int_equal(rules[999].prefix, 0x0a000000);
	assert_int_equal(acl_file_read("/dev/null", true, &rules, &count, &error), 0);
	assert_int_equal(acl_file_read("/dev/null", false, &rules, &count, &error), 0);
	assert_int_equal(count, 0);
	unlink(path);
	free(rules);
}

static void test_missing(void **state)
{
	struct acl_rule *rules = NULL;
	struct error error;
	size_t count = 0;

	(void)state;
	assert_int_equal(acl_file_read("/nowhere/acl", true, &rules, &count, &error), -ENOENT);
	assert_string_equal(error.text, "/nowhere/acl: No such file or directory");
	assert_int_equal(acl_file_read("/", true, &rules, &count, &error), -EISDIR);
	assert_string_equal(error.text, "/: Is a directory");
	free(rules);
}

int main(void)
{
	SUITE_ADD(cases, test_file);
	suite_add("read again", test_again);
	suite_add("a file that can't be read", test_missing);
	return suite_run("acl_file");
}
