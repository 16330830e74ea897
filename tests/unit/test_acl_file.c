/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/acl_file.h"

#include "suite.h"

#define NO_RULE                \
	{                      \
		.allow = false \
	}
#define RULE(address, length, allow)                                       \
	{                                                                  \
		{{{{0}, {0}, BE32(0xffff), BE32(address)}}, length}, allow \
	}
#define RULE6(a, b, c, d, length, allow)                                \
	{                                                               \
		{{{BE32(a), BE32(b), BE32(c), BE32(d)}}, length}, allow \
	}

/* A file, and the rules in it, or the line that is wrong. */
struct acl_case {
	const char *about;
	const char *text;
	size_t count;
	struct acl_rule rules[4];
	unsigned int wrong_line;
};

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED "0123456"

static const struct acl_case cases[] = {
	{"no rule", "", 0, {NO_RULE}, 0},
	{"blank lines and comments alone", "\n# all may come\n \t\r\n", 0, {NO_RULE}, 0},
	{"allow", "allow 198.18.0.0/15\n", 1, {RULE(0xc6120000, 15, true)}, 0},
	{"deny", "deny 198.18.0.0/15\n", 1, {RULE(0xc6120000, 15, false)}, 0},
	{"no newline at the end", "deny 10.0.0.0/8", 1, {RULE(0x0a000000, 8, false)}, 0},
	{"lines end as in DOS", "deny 10.0.0.0/8\r\nallow 10.1.0.0/16\r\n", 2,
		{RULE(0x0a000000, 8, false), RULE(0x0a010000, 16, true)}, 0},
	{"a comment behind a rule", "deny 10.0.0.0/8# not us\n", 1, {RULE(0x0a000000, 8, false)},
		0},
	{"blanks and tabs", "\t deny \t 10.0.0.0/8 \n", 1, {RULE(0x0a000000, 8, false)}, 0},
	{"an address without a length is one host", "allow 10.0.0.1", 1,
		{RULE(0x0a000001, 32, true)}, 0},
	{"bits behind the prefix are cleared", "allow 10.1.2.3/20", 1, {RULE(0x0a010000, 20, true)},
		0},
	{"everybody", "deny 255.255.255.255/0", 1, {RULE(0, 0, false)}, 0},
	{"in ascending order, a shorter one first",
		"allow 10.0.0.1\n\nallow 10.0.0.0/9\ndeny 10.0.0.0/8\ndeny 0.0.0.0/0\n", 4,
		{RULE(0, 0, false), RULE(0x0a000000, 8, false), RULE(0x0a000000, 9, true),
			RULE(0x0a000001, 32, true)},
		0},
	{"both families, each in ascending order",
		"allow 2001:2::/48\ndeny 0.0.0.0/0\ndeny ::/0\nallow 2001:2::2\n", 4,
		{RULE6(0, 0, 0, 0, 0, false), RULE(0, 0, false),
			RULE6(0x20010002, 0, 0, 0, 48, true),
			RULE6(0x20010002, 0, 0, 2, 128, true)},
		0},
	{"IPv6: bits behind the prefix are cleared", "allow 2001:2:ffff:ffff:ffff::1/47", 1,
		{RULE6(0x20010002, 0xfffe0000, 0, 0, 47, true)}, 0},
	{"IPv6: a bit of the last word", "deny ::1:2:3:4:ffff:ffff/97", 1,
		{RULE6(0, 0x00010002, 0x00030004, 0x80000000, 97, false)}, 0},
	{"IPv6: everybody", "deny ffff:ffff::1/0", 1, {RULE6(0, 0, 0, 0, 0, false)}, 0},
	{"IPv6: a prefix of 129", "deny 2001:2::/129\n", 0, {NO_RULE}, 1},
	{"IPv6: a zone", "\ndeny fe80::1%eth0\n", 0, {NO_RULE}, 2},
	{"IPv6: an IPv4 prefix in its form", "deny ::ffff:10.0.0.0/104\n", 0, {NO_RULE}, 1},
	{"a verb alone", "allow\n", 0, {NO_RULE}, 1},
	{"a prefix alone", "\n10.0.0.0/8\n", 0, {NO_RULE}, 2},
	{"another verb", "allow 10.0.0.1\nreject 10.0.0.0/8\n", 0, {NO_RULE}, 2},
	{"a verb in capitals", "DENY 10.0.0.0/8\n", 0, {NO_RULE}, 1},
	{"a prefix of 33", "\n\ndeny 10.0.0.0/33\n", 0, {NO_RULE}, 3},
	{"a byte order mark of UTF-8",
		"\xef\xbb\xbf"
		"deny 10.0.0.0/8\r\n",
		1, {RULE(0x0a000000, 8, false)}, 0},
	{"a mark alone", "\xef\xbb\xbf", 0, {NO_RULE}, 0},
	{"bytes that are no UTF-8, in a comment", "deny 10.0.0.0/8 # \xe9t\xe9\n", 1,
		{RULE(0x0a000000, 8, false)}, 0},
	{"the same rule twice", "deny 10.0.0.0/8\ndeny 10.9.9.9/8\n", 2,
		{RULE(0x0a000000, 8, false), RULE(0x0a000000, 8, false)}, 0},
	{"allowed and denied, with other lengths", "deny 10.0.0.0/8\nallow 10.0.0.0/9\n", 2,
		{RULE(0x0a000000, 8, false), RULE(0x0a000000, 9, true)}, 0},
	{"a line of 1,024 bytes", "deny 10.0.0.0/8 #" LONG "\n", 1, {RULE(0x0a000000, 8, false)},
		0},
	{"a third word", "deny 10.0.0.0/8 10.1.0.0/16\n", 0, {NO_RULE}, 1},
};

/* A file that is refused, as something must have gone wrong with it. */
struct broken_case {
	const char *about;
	const char *text;
	size_t size;
	unsigned int line;
	const char *why; /* in the error */
};

#define TEXT(text) (text), sizeof(text) - 1

static const struct broken_case broken[] = {
	{"refused: allowed and denied", TEXT("deny 10.0.0.0/8\ndeny 9.0.0.0/8\nallow 10.1.0.0/8\n"),
		3, "line 1 says deny for the same prefix"},
	{"refused: everybody allowed and denied", TEXT("allow 0.0.0.0/0\n\ndeny 1.2.3.4/0\n"), 3,
		"line 1 says allow"},
	{"refused: denied, allowed, and denied again",
		TEXT("deny 10.0.0.1\ndeny 10.0.0.0/8\nallow 10.0.0.1/32\ndeny 10.0.0.1\n"), 3,
		"line 1 says deny"},
	{"refused: IPv6, everybody denied and allowed", TEXT("deny ::/0\nallow 2001:2::/0\n"), 2,
		"line 1 says deny"},
	{"refused: a verb alone", TEXT("allow\n"), 1, "not a rule: write it as `allow "},
	{"refused: an address with a zone", TEXT("deny fe80::1%eth0\n"), 1, "without its zone"},
	{"refused: an IPv4 address as one of IPv6", TEXT("deny ::ffff:10.0.0.1\n"), 1,
		"write an IPv4 address as"},
	{"refused: zero bytes alone, as after a power cut", TEXT("\0\0\0\0\0\0\0\0"), 1,
		"a zero byte"},
	{"refused: a zero byte in a rule", TEXT("allow 10.1.0.0/16\ndeny 10.0.0.0/8\0allow"), 2,
		"a zero byte"},
	{"refused: a zero byte in a comment", TEXT("# \0\ndeny 10.0.0.0/8\n"), 1, "a zero byte"},
	{"refused: a zero byte at the end", TEXT("deny 10.0.0.0/8\n\0"), 2, "a zero byte"},
	{"refused: lines end as on an old Macintosh, so that all is one comment",
		TEXT("# ours\rdeny 10.0.0.0/8\r"), 1, "a carriage return"},
	{"refused: a line of 1,025 bytes", TEXT("\n#x deny 10.0.0.0/8" LONG "\n"), 2,
		"over 1024 bytes"},
};

static void write_file(char *path, const char *text, size_t size, size_t times)
{
	const int descriptor = mkstemp(path);
	FILE *file = fdopen(descriptor, "w");

	assert_non_null(file);
	while (times-- > 0)
		fwrite(text, 1, size, file);
	fclose(file);
}

static int count_beat(void *argument, struct error *error)
{
	unsigned int *beats_left = argument;

	return (*beats_left)-- == 0 ? error_set(error, ECANCELED, "enough") : 0;
}

static int go_on(void *caller, struct error *error)
{
	(void)caller;
	(void)error;
	return 0;
}

static const struct pulse go_on_pulse = {go_on, NULL};

static void test_file(void **state)
{
	const struct acl_case *row = *state;
	char path[] = "/tmp/udpecho-unit-XXXXXX", place[64];
	struct acl_rule *rules = NULL;
	struct error error = {.text = ""};
	const size_t size = strlen(row->text);
	size_t count = 99;
	bool is_open;
	int result;

	write_file(path, row->text, size, 1);
	result = acl_file_read(path, NULL, &rules, &count, &is_open, &error);
	unlink(path);
	if (row->wrong_line > 0) {
		assert_int_equal(result, -EINVAL);
		snprintf(place, sizeof(place), "%s:%u: ", path, row->wrong_line);
		assert_memory_equal(error.text, place, strlen(place));
		assert_null(strchr(error.text, '\n'));
	} else {
		assert_int_equal(result, 0);
		assert_int_equal(count, row->count);
		assert_int_equal(is_open, size > 0 && row->text[size - 1] != '\n');
		for (size_t i = 0; i < count; i++) {
			assert_true(ip_address_equal(
				rules[i].prefix.address, row->rules[i].prefix.address));
			assert_int_equal(rules[i].prefix.length, row->rules[i].prefix.length);
			assert_int_equal(rules[i].allow, row->rules[i].allow);
		}
	}
	free(rules);
}

static void test_broken(void **state)
{
	const struct broken_case *row = *state;
	char path[] = "/tmp/udpecho-unit-XXXXXX", place[64];
	struct acl_rule *rules = NULL;
	struct error error = {.text = ""};
	size_t count;
	bool is_open;

	write_file(path, row->text, row->size, 1);
	assert_int_equal(acl_file_read(path, NULL, &rules, &count, &is_open, &error), -EINVAL);
	unlink(path);
	snprintf(place, sizeof(place), "%s:%u: ", path, row->line);
	assert_memory_equal(error.text, place, strlen(place));
	if (strstr(error.text, row->why) == NULL)
		fail_msg("%s", error.text);
	free(rules);
}

/* Read again, the rules take the place of the old ones, however many there were. */
static void test_again(void **state)
{
	char path[] = "/tmp/udpecho-unit-XXXXXX";
	struct acl_rule *rules = NULL;
	struct error error;
	size_t count = 0;
	bool is_open;

	(void)state;
	write_file(path, "deny 10.0.0.0/8\n", 16, 1000);
	assert_int_equal(acl_file_read(path, NULL, &rules, &count, &is_open, &error), 0);
	assert_int_equal(count, 1000);
	assert_int_equal(be32_get(ip_address_ipv4(rules[999].prefix.address)), 0x0a000000);
	assert_int_equal(acl_file_read("/dev/null", NULL, &rules, &count, &is_open, &error), 0);
	assert_int_equal(
		acl_file_read("/dev/null", &go_on_pulse, &rules, &count, &is_open, &error), 0);
	assert_int_equal(count, 0);
	unlink(path);
	free(rules);
}

static void test_missing(void **state)
{
	struct acl_rule *rules = NULL;
	struct error error;
	size_t count = 0;
	bool is_open;

	(void)state;
	assert_int_equal(
		acl_file_read("/nowhere/acl", NULL, &rules, &count, &is_open, &error), -ENOENT);
	assert_string_equal(error.text, "/nowhere/acl: No such file or directory");
	assert_int_equal(acl_file_read("/", NULL, &rules, &count, &is_open, &error), -EISDIR);
	assert_string_equal(error.text, "/: Is a directory");
	free(rules);
}

/* The pulse beats before each chunk of 64 KiB, and once more at the end; it may end the reading. */
static void test_pulse(void **state)
{
	char path[] = "/tmp/udpecho-unit-XXXXXX";
	unsigned int beats_left = 4;
	const struct pulse pulse = {count_beat, &beats_left};
	struct acl_rule *rules = NULL;
	struct error error = {.text = ""};
	size_t count = 0;
	bool is_open;

	(void)state;
	write_file(path, "#\n", 2, 3 * 32768);
	assert_int_equal(acl_file_read(path, &pulse, &rules, &count, &is_open, &error), 0);
	assert_int_equal(beats_left, 0);
	beats_left = 3;
	assert_int_equal(acl_file_read(path, &pulse, &rules, &count, &is_open, &error), -ECANCELED);
	assert_string_equal(error.text, "enough");
	unlink(path);
	free(rules);
}

/* Without a pulse it may wait for a pipe; with one it refuses it. */
static void test_pipe(void **state)
{
	char folder[] = "/tmp/udpecho-unit-XXXXXX", path[64];
	unsigned int beats_left = 4;
	const struct pulse pulse = {count_beat, &beats_left};
	struct acl_rule *rules = NULL;
	struct error error = {.text = ""};
	size_t count = 0;
	bool is_open;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(acl_file_read(path, &pulse, &rules, &count, &is_open, &error), -EINVAL);
	assert_non_null(strstr(error.text, "pipe: not a regular file"));
	unlink(path);
	rmdir(folder);
}

/* Whatever it is that has no end, it is given up at a bound. */
static void test_endless(void **state)
{
	char path[] = "/tmp/udpecho-unit-XXXXXX", other[] = "/tmp/udpecho-unit-XXXXXX";
	struct acl_rule *rules = NULL;
	struct error error;
	size_t count = 0;
	bool is_open;

	(void)state;
	assert_true(acl_file_read("/dev/zero", NULL, &rules, &count, &is_open, &error) < 0);
	assert_string_equal(error.text, "/dev/zero:1: a zero byte: this is no text file");
	assert_true(acl_file_read("/dev/zero", &go_on_pulse, &rules, &count, &is_open, &error) < 0);
	write_file(path, "#\n", 2, 1 + 32 * 1024 * 1024);
	assert_int_equal(
		acl_file_read(path, &go_on_pulse, &rules, &count, &is_open, &error), -EFBIG);
	assert_non_null(strstr(error.text, "larger than the limit of 65536 KiB"));
	unlink(path);
	write_file(other,
		"\xff\xfe"
		"d\0",
		4, 1);
	assert_true(acl_file_read(other, NULL, &rules, &count, &is_open, &error) < 0);
	assert_non_null(strstr(error.text, "the file is UTF-16: save it as UTF-8"));
	unlink(other);
	free(rules);
}

int main(void)
{
	SUITE_ADD(cases, test_file);
	SUITE_ADD(broken, test_broken);
	suite_add("read again", test_again);
	suite_add("a file that can't be read", test_missing);
	suite_add("the pulse of a reload", test_pulse);
	suite_add("a pipe, during a reload", test_pipe);
	suite_add("a file without an end, and one that is no text", test_endless);
	return suite_run("acl_file");
}
