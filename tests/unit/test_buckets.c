/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/buckets.h>

#include "suite.h"

/*
 * Worked out by hand: metrics, the status page and the client's results show where buckets end, and
 * what one version wrote has to fit what a later one writes.
 */
static const struct row {
	const char *about;
	unsigned int bits;
	uint64_t value;
	unsigned int bucket;
	uint64_t last;
} rows[] = {
	{"2 bits: the first value", 2, 0, 0, 0},
	{"2 bits: the last with a bucket of its own", 2, 7, 7, 7},
	{"2 bits: the first two that share one", 2, 8, 8, 9},
	{"2 bits: 64 ns, the first end in the metrics", 2, 64, 20, 79},
	{"2 bits: one less", 2, 63, 19, 63},
	{"2 bits: a microsecond", 2, 1000, 35, 1023},
	{"2 bits: 2^30 ns, the last end in the metrics", 2, UINT64_C(1) << 30, 116,
		(UINT64_C(5) << 28) - 1},
	{"2 bits: the greatest value", 2, UINT64_MAX, 251, UINT64_MAX},
	{"3 bits: the last with a bucket of its own", 3, 15, 15, 15},
	{"3 bits: the first two that share one", 3, 16, 16, 17},
	{"3 bits: a millisecond", 3, 1000000, 143, 1048575},
	{"7 bits: the last with a bucket of its own", 7, 255, 255, 255},
	{"7 bits: the first two that share one", 7, 256, 256, 257},
	{"7 bits: a millisecond", 7, 1000000, 1780, 1003519},
	{"7 bits: an hour", 7, UINT64_C(3600000000000), 4561, UINT64_C(3607772528639)},
	{"7 bits: the greatest value", 7, UINT64_MAX, 7423, UINT64_MAX},
};

static void test_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(bucket_of(row->value, row->bits, UINT32_MAX), row->bucket);
	assert_true(bucket_last(row->bucket, row->bits) == row->last);
}

/* Every bucket ends where the next begins, as wide as the bits allow. */
static void test_ends(void **state)
{
	(void)state;
	for (unsigned int bits = 0; bits <= 10; bits++) {
		const unsigned int count = (65 - bits) << bits; /* for all values of 64 bits */
		uint64_t first = 0;

		for (unsigned int i = 0; i < count; i++) {
			const uint64_t last = bucket_last(i, bits);

			assert_int_equal(bucket_of(first, bits, count), i);
			assert_int_equal(bucket_of(last, bits, count), i);
			assert_true(last >= first && last - first <= first >> bits);
			first = last + 1;
		}
		assert_int_equal(first, 0); /* the last one ended at UINT64_MAX */
	}
}

#define BITS             2
#define COUNT_OF_BUCKETS 12 /* the last: 12 to 13, and all beyond */

static void test_beyond(void **state)
{
	uint64_t buckets[COUNT_OF_BUCKETS] = {0};

	(void)state;
	buckets[bucket_of(5, BITS, COUNT_OF_BUCKETS)]++;
	buckets[bucket_of(1000, BITS, COUNT_OF_BUCKETS)]++;
	assert_int_equal(buckets[COUNT_OF_BUCKETS - 1], 1);
	assert_int_equal(buckets_sum(buckets, COUNT_OF_BUCKETS), 2);
	assert_int_equal(buckets_sum(buckets, COUNT_OF_BUCKETS - 1), 1);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.5, 1000), 5);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.51, 1000), 1000);
}

static void test_quantile(void **state)
{
	uint64_t buckets[COUNT_OF_BUCKETS] = {0};

	(void)state;
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.5, 0), 0);
	buckets[3] = 98;
	buckets[8] = 2; /* 8 to 9 */
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0, 8), 3);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.98, 8), 3);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.99, 8), 8);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 0.99, 20), 9);
	assert_int_equal(buckets_quantile(buckets, COUNT_OF_BUCKETS, BITS, 1, 8), 8);
}

int main(void)
{
	SUITE_ADD(rows, test_row);
	suite_add("each end of a bucket", test_ends);
	suite_add("what is beyond the last bucket", test_beyond);
	suite_add("quantiles", test_quantile);
	return suite_run("buckets");
}
