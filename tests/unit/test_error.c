/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <udpecho/error.h>

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

int main(void)
{
	suite_add("set, prefixed, cut", test_error);
	return suite_run("error");
}
