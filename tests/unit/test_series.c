/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "series.h"
#include "suite.h"

#define EVENTS 20000

/* The plain model: a list of all that happened. */
struct event {
	uint64_t when, latency; /* UINT64_MAX: lost */
};

static struct series series, other;
static struct event events[EVENTS];
static uint64_t seed = 1;

static uint64_t draw(uint64_t limit)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (seed >> 8) % limit;
}

/* Half of the events in each of two, of a run of that length, in any order. */
static void fill(uint64_t length)
{
	memset(&series, 0, sizeof(series));
	memset(&other, 0, sizeof(other));
	for (unsigned int i = 0; i < EVENTS; i++) {
		struct series *one = i % 2 == 0 ? &series : &other;
		const bool is_lost = draw(10) == 0;

		/* One half ends earlier: its intervals may be shorter. */
		events[i].when = draw(i % 2 == 0 ? length : length / 5 + 1);
		events[i].latency = is_lost ? UINT64_MAX : draw(UINT64_C(1) << draw(38));
		series_sent(one, events[i].when);
		if (is_lost)
			series_lost(one, events[i].when);
		else
			series_received(one, events[i].when, events[i].latency);
	}
}

static int compare(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void check_interval(unsigned int index)
{
	static uint64_t latencies[EVENTS];
	const struct series_interval *interval = &series.intervals[index];
	unsigned int sent = 0, received = 0;

	for (unsigned int i = 0; i < EVENTS; i++) {
		if (events[i].when / series.length != index)
			continue;
		sent++;
		if (events[i].latency != UINT64_MAX)
			latencies[received++] = events[i].latency;
	}
	assert_int_equal(interval->sent, sent);
	assert_int_equal(interval->received, received);
	assert_int_equal(interval->lost, sent - received);
	if (received == 0) {
		assert_int_equal(series_quantile(interval, 0.5), 0);
		return;
	}
	qsort(latencies, received, sizeof(latencies[0]), compare);
	assert_int_equal(interval->most, latencies[received - 1]);
	assert_int_equal(series_quantile(interval, 1), latencies[received - 1]);
	for (unsigned int i = 1; i <= 4; i++) {
		const double share = i * 0.24;
		const unsigned int rank = (unsigned int)(share * received + 0.999999999);
		const uint64_t exact = latencies[rank > 0 ? rank - 1 : 0];
		const uint64_t read = series_quantile(interval, share);

		assert_true(read >= exact);
		assert_true(read - exact <= exact / 8);
	}
}

/* From less than an interval to ten hours. */
static void test_lengths(void **state)
{
	static const uint64_t lengths[] = {1000, SERIES_LENGTH, SERIES_LENGTH + 1,
		SERIES_LENGTH * SERIES_INTERVALS, SERIES_LENGTH * SERIES_INTERVALS + 1,
		UINT64_C(60000000000), UINT64_C(36000000000000)};

	(void)state;
	for (unsigned int i = 0; i < COUNT(lengths); i++) {
		fill(lengths[i]);
		series_merge(&series, &other);
		assert_true(series.count <= SERIES_INTERVALS);
		assert_true(series.count * series.length >= lengths[i] * 9 / 10);
		/* As fine as it can be. */
		assert_true(series.length == SERIES_LENGTH ||
			    lengths[i] > series.length / 2 * SERIES_INTERVALS);
		for (unsigned int j = 0; j < SERIES_INTERVALS; j++)
			check_interval(j);
	}
}

static void test_none(void **state)
{
	(void)state;
	memset(&series, 0, sizeof(series));
	memset(&other, 0, sizeof(other));
	series_merge(&series, &other);
	assert_int_equal(series.count, 0);
	series_lost(&other, 5);
	series_merge(&series, &other);
	assert_int_equal(series.count, 1);
	assert_int_equal(series.intervals[0].lost, 1);
}

int main(void)
{
	suite_add("runs of all lengths, against a list of events", test_lengths);
	suite_add("none", test_none);
	return suite_run("series");
}
