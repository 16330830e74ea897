/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <udpecho/control/error.h>

#include "foreign.h"
#include "suite.h"

static void test_error(void **state)
{
	struct error error;
	char longest[3000];

	(void)state;
	assert_int_equal(error_set(&error, ENODEV, "%s: %d", "eth1", 5), -ENODEV);
	assert_string_equal(error.text, "eth1: 5");
	error_prefix(&error, "device af_xdp:eth1");
	assert_string_equal(error.text, "device af_xdp:eth1: eth1: 5");
	/* A line too long is cut, not overrun. */
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	error_prefix(&error, "%s", longest);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	error_set(&error, EINVAL, "%s", longest);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	error_prefix(&error, "option --mac");
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
	assert_memory_equal(error.text, "option --mac: xxx", 17);
}

/* What a file or an argument holds is quoted, and must not be obeyed by a terminal. */
static void test_control(void **state)
{
	struct error error;

	(void)state;
	error_set(&error, EINVAL, "%s: no such setting", "a\n\r\t\033[2J\x7f\xc3\xa4");
	assert_string_equal(error.text, "a????[2J?\xc3\xa4: no such setting");
	error_prefix(&error, "%s:1", "c\no");
	assert_string_equal(error.text, "c?o:1: a????[2J?\xc3\xa4: no such setting");
}

/* A name is one word for the shell, and nothing more. */
static void test_word(void **state)
{
	static const char *const rows[][2] = {{"ens1f0.100", "ens1f0.100"}, {"v;id", "'v;id'"},
		{"a'b", "'a'\\''b'"}, {"*", "'*'"}, {"$x", "'$x'"}, {"#", "'#'"}, {"", "''"},
		{"\xc3\xa4", "'\xc3\xa4'"}, {"a\033[2J\n", "'a?[2J?'"}};
	char quotes[300];
	struct foreign_word word;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(foreign_word(rows[i][0]).text, rows[i][1]);
	/* One that is too long is cut between characters. */
	memset(quotes, '\'', sizeof(quotes) - 1);
	quotes[sizeof(quotes) - 1] = '\0';
	word = foreign_word(quotes);
	assert_in_range(strlen(word.text), 150, sizeof(word.text) - 1);
	assert_string_equal(word.text + strlen(word.text) - 5, "'\\'''");
}

int main(void)
{
	suite_add("set, prefixed, cut", test_error);
	suite_add("control characters are not passed on", test_control);
	suite_add("a name as a word for the shell", test_word);
	return suite_run("error");
}
