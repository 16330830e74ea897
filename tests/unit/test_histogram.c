/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "suite.h"

static struct histogram histogram, other;

static void forget(void)
{
	memset(&histogram, 0, sizeof(histogram));
	memset(&other, 0, sizeof(other));
}

/* Every bucket ends where the next begins, and holds its own end. */
static void test_buckets(void **state)
{
	uint64_t before = 0;

	(void)state;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		const uint64_t last = histogram_last(i);

		forget();
		histogram_add(&histogram, last);
		histogram_add(&histogram, last + 1);
		assert_int_equal(histogram.buckets[i], 1);
		assert_int_equal(histogram.buckets[i + 1], 1);
		assert_true(i == 0 || last > before);
		before = last;
	}
	assert_true(before > UINT64_C(3600) * 1000 * 1000 * 1000);
}

static void test_one(void **state)
{
	static const uint64_t values[] = {0, 1, 127, 128, 255, 256, 1000, 1000000, 999999999,
		UINT64_C(1) << 41, UINT64_C(1) << 50, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		forget();
		histogram_add(&histogram, values[i]);
		assert_int_equal(histogram_quantile(&histogram, 0), values[i]);
		assert_int_equal(histogram_quantile(&histogram, 0.5), values[i]);
		assert_int_equal(histogram_quantile(&histogram, 1), values[i]);
		assert_int_equal(histogram.least, values[i]);
		assert_int_equal(histogram.most, values[i]);
	}
}

static int compare(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Against the exact figures of the same values, sorted; one half in each of two, merged. */
static void test_quantiles(void **state)
{
	static const double shares[] = {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};
	static uint64_t values[100000];
	uint64_t seed = 1;
	double sum = 0, squares = 0;

	(void)state;
	forget();
	for (size_t i = 0; i < COUNT(values); i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		values[i] = seed >> (24 + seed % 36);
		histogram_add(i % 2 == 0 ? &histogram : &other, values[i]);
		sum += (double)values[i];
	}
	histogram_merge(&histogram, &other);
	qsort(values, COUNT(values), sizeof(values[0]), compare);
	assert_int_equal(histogram.count, COUNT(values));
	assert_int_equal(histogram.least, values[0]);
	assert_int_equal(histogram.most, values[COUNT(values) - 1]);
	for (size_t i = 0; i < COUNT(shares); i++) {
		const uint64_t exact = values[(size_t)ceil(shares[i] * COUNT(values)) - 1];
		const uint64_t read = histogram_quantile(&histogram, shares[i]);

		assert_true(read >= exact);
		assert_true((double)(read - exact) <= (double)exact * 0.008);
	}
	sum /= COUNT(values);
	for (size_t i = 0; i < COUNT(values); i++)
		squares += ((double)values[i] - sum) * ((double)values[i] - sum);
	assert_true(fabs(histogram_mean(&histogram) - sum) < sum * 1e-9);
	squares = sqrt(squares / COUNT(values));
	assert_true(fabs(histogram_deviation(&histogram) - squares) < squares * 1e-6);
}

static void test_none(void **state)
{
	(void)state;
	forget();
	histogram_merge(&histogram, &other);
	assert_int_equal(histogram_quantile(&histogram, 0.99), 0);
	assert_true(histogram_mean(&histogram) == 0 && histogram_deviation(&histogram) == 0);
}

int main(void)
{
	suite_add("each edge of a bucket", test_buckets);
	suite_add("a single value", test_one);
	suite_add("quantiles, against sorted values", test_quantiles);
	suite_add("none yet", test_none);
	return suite_run("histogram");
}
