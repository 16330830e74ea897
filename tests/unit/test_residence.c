/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include <udpecho/datapath/residence.h>

#include "suite.h"

/* A single stay: what is read is it, or up to a quarter more where another was longer. */
static const uint64_t edges[] = {0, 1, 3, 4, 5, 7, 8, 9, 10, 15, 16, 19, 20, 1000, 1023, 1024, 1025,
	UINT32_MAX, UINT64_C(1) << 32, UINT64_C(5) << 60, UINT64_MAX - 1, UINT64_MAX};

static void test_edges(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		struct residence residence = {0};
		uint64_t read;

		residence_add(&residence, edges[i]);
		assert_int_equal(residence_quantile(&residence, 0.5), edges[i]);
		residence_add(&residence, UINT64_MAX);
		read = residence_quantile(&residence, 0.5);
		assert_true(read >= edges[i]);
		assert_true(read - edges[i] <= edges[i] / 4);
	}
}

static int compare(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Against the exact figures of the same stays, sorted. */
static void test_quantiles(void **state)
{
	static uint64_t stays[10000];
	static const double shares[] = {0, 0.5, 0.9, 0.99, 0.999, 1};
	struct residence residence = {0};
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(stays); i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		stays[i] = seed >> (20 + seed % 40);
		residence_add(&residence, stays[i]);
	}
	qsort(stays, COUNT(stays), sizeof(stays[0]), compare);
	assert_int_equal(residence_count(&residence), COUNT(stays));
	assert_int_equal(residence.most, stays[COUNT(stays) - 1]);
	assert_int_equal(residence_quantile(&residence, 1), residence.most);
	for (size_t i = 0; i < COUNT(shares); i++) {
		const size_t rank = (size_t)(shares[i] * COUNT(stays) + 0.999999);
		const uint64_t exact = stays[rank > 0 ? rank - 1 : 0];
		const uint64_t read = residence_quantile(&residence, shares[i]);

		assert_true(read >= exact);
		assert_true(read - exact <= exact / 4 + 1);
	}
	for (unsigned int power = 2; power < 45; power++) {
		uint64_t below = 0;

		for (size_t i = 0; i < COUNT(stays); i++)
			below += stays[i] < UINT64_C(1) << power;
		assert_int_equal(residence_below(&residence, UINT64_C(1) << power), below);
	}
}

static void test_collect(void **state)
{
	struct residence a = {0}, b = {0};

	(void)state;
	residence_add(&a, 10);
	residence_add(&b, 20);
	residence_add(&b, 5);
	residence_collect(&a, &b);
	assert_int_equal(residence_count(&a), 3);
	assert_int_equal(a.sum, 35);
	assert_int_equal(a.most, 20);
}

/* Nanoseconds, whatever the machine's clock: 2.5 GHz here. */
static void test_ticks(void **state)
{
	struct residence residence = {.tick_ns = 0.4};

	(void)state;
	residence_add_ticks(&residence, 2500);
	residence_add_ticks(&residence, 25000);
	assert_int_equal(residence.sum, 11000);
	assert_int_equal(residence.most, 10000);
	assert_int_equal(residence_below(&residence, 1024), 1);
}

static void test_none(void **state)
{
	struct residence residence = {0};

	(void)state;
	assert_int_equal(residence_quantile(&residence, 0.99), 0);
	assert_int_equal(residence_count(&residence), 0);
}

static void test_due(void **state)
{
	struct residence residence = {0};
	unsigned int due = 0;

	(void)state;
	for (unsigned int i = 0; i < 10 * RESIDENCE_SAMPLE; i++)
		due += residence_is_due(&residence);
	assert_int_equal(due, 10);
	assert_int_equal(residence.bursts, 10 * RESIDENCE_SAMPLE);
}

int main(void)
{
	suite_add("each edge of a bucket", test_edges);
	suite_add("quantiles, against sorted stays", test_quantiles);
	suite_add("two workers together", test_collect);
	suite_add("ticks of a clock", test_ticks);
	suite_add("none yet", test_none);
	suite_add("one burst in many", test_due);
	return suite_run("residence");
}
