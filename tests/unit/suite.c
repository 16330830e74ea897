/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

#define TESTS_MAX 512

static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;

static void add(const char *about, CMUnitTestFunction test, void *state)
{
	if (test_count == TESTS_MAX) {
		fputs("suite: too many tests: raise TESTS_MAX\n", stderr);
		exit(1);
	}
	tests[test_count++] =
		(struct CMUnitTest){.name = about, .test_func = test, .initial_state = state};
}

void suite_add_rows(const void *table, size_t count, size_t size, CMUnitTestFunction test)
{
	for (size_t i = 0; i < count; i++) {
		const char *row = (const char *)table + i * size;

		add(*(const char *const *)row, test, (void *)(uintptr_t)row);
	}
}

void suite_add(const char *about, CMUnitTestFunction test)
{
	add(about, test, NULL);
}

int suite_run(const char *name)
{
	/* The function behind cmocka_run_group_tests(), which only takes whole arrays. */
	return _cmocka_run_group_tests(name, tests, test_count, NULL, NULL);
}
