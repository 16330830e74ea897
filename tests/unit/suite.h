/* SPDX-License-Identifier: BSD-3-Clause */
/* cmocka, and a list of tests made of tables: every row of a table is a test of its own. */
#ifndef UNIT_SUITE_H
#define UNIT_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Adds one test for each row of TABLE, an array of structs that begin with what the row is about:
 * `const char *about`. TEST gets the row as *state.
 */
#define SUITE_ADD(table, test) suite_add_rows(table, COUNT(table), sizeof((table)[0]), test)

/** See SUITE_ADD. */
void suite_add_rows(const void *table, size_t count, size_t size, CMUnitTestFunction test);

/** Adds one test that has no table. */
void suite_add(const char *about, CMUnitTestFunction test);

/** Runs what was added, as one group: one plan of TAP. The value is for main to return. */
int suite_run(const char *name);

#endif
