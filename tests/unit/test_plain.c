/* SPDX-License-Identifier: BSD-3-Clause */
/* Which variant answers how many frames. That each answers as the reference is tests/equal's. */
#include <string.h>

#include <udpecho/packet/plain.h>

#include "frames.h"
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
#elif defined(__aarch64__)
	{"neon: one frame is too few", "neon", 1, "scalar"},
	{"neon: two are enough", "neon", 2, "neon"},
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

/* The first leaves all to the reference; the others can both read and write, in as many bits. */
static void test_table(void **state)
{
	static const unsigned int bits[] = {
#ifdef __aarch64__
		0, 64, 128
#else
		0, 64, 256, 512
#endif
	};
	unsigned int count;
	const struct variant *variants = plain_variants(&count);

	(void)state;
	assert_string_equal(variants[0].name, "reference");
	assert_null(variants[0].read);
	assert_in_range(count, 2, COUNT(bits));
	for (unsigned int i = 1; i < count; i++) {
		assert_non_null(variants[i].read);
		assert_non_null(variants[i].write);
		assert_int_equal(variants[i].bits, bits[i]); /* what EAL may not allow so many of */
	}
}

/* Who asks it all the same gets none, and nothing is read. */
static void test_reference(void **state)
{
	static const struct identity nobody;
	struct plain_frames frames = {.count = PLAIN_FRAMES_MAX};

	(void)state;
	assert_int_equal(plain_read(named("reference"), &nobody, &frames), 0);
}

/* Where the burst stage finds whose rate limit a plain echo counts for. */
static void test_source(void **state)
{
	const struct bytes bytes = bytes_of(ECHO);

	(void)state;
	assert_true(
		ip_address_equal(plain_source(bytes.data), ip_address_of_ipv4(BE32(0xc6120001))));
}

int main(void)
{
	SUITE_ADD(choices, test_choice);
	suite_add("the table of variants", test_table);
	suite_add("the reference takes no frame at once", test_reference);
	suite_add("the source of a plain frame", test_source);
	return suite_run("plain");
}
