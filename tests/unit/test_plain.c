/* SPDX-License-Identifier: BSD-3-Clause */
/* Which variant answers how many frames. That each answers as the reference is tests/equal's. */
#include <string.h>

#include <udpecho/plain.h>

#include "suite.h"

struct choice_case {
	const char *about;
	const char *wanted;
	unsigned int count;
	const char *got;
};

static const struct choice_case choices[] = {
	{"reference: stays for one frame", "reference", 1, "reference"},
	{"reference: stays for a full burst", "reference", 32, "reference"},
	{"scalar: stays for one frame", "scalar", 1, "scalar"},
#ifdef __x86_64__
	{"avx2: two frames are too few", "avx2", 2, "scalar"},
	{"avx2: three are enough", "avx2", 3, "avx2"},
	{"avx512: five frames are too few", "avx512", 5, "scalar"},
	{"avx512: six are enough", "avx512", 6, "avx512"},
#endif
};

static const struct variant *named(const char *name)
{
	unsigned int count;
	const struct variant *variants = plain_variants(&count);

	for (unsigned int i = 0; i < count; i++)
		if (strcmp(variants[i].name, name) == 0)
			return &variants[i];
	fail_msg("no variant %s", name);
	return NULL;
}

static void test_choice(void **state)
{
	const struct choice_case *row = *state;

	assert_string_equal(plain_variant_for(named(row->wanted), row->count)->name, row->got);
}

/* The first leaves all to the reference; the others can both read and write, fewest bits first. */
static void test_table(void **state)
{
	unsigned int count;
	const struct variant *variants = plain_variants(&count);

	(void)state;
	assert_string_equal(variants[0].name, "reference");
	assert_null(variants[0].read);
	for (unsigned int i = 1; i < count; i++) {
		assert_non_null(variants[i].read);
		assert_non_null(variants[i].write);
		assert_true(variants[i].bits > variants[i - 1].bits);
	}
}

int main(void)
{
	SUITE_ADD(choices, test_choice);
	suite_add("the table of variants", test_table);
	return suite_run("plain");
}
