/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <string.h>

#include <rte_mbuf.h>

#include <udpecho/datapath/drops.h>

#include "suite.h"

#define INTERVAL 1000

static struct drops drops;
static uint8_t bytes[2048];

static void forget(void)
{
	memset(&drops, 0, sizeof(drops));
}

/* A frame of so many bytes, all of one value, from queue 3. */
static void note(enum verdict verdict, uint8_t value, uint16_t length, uint64_t now)
{
	const struct rte_mbuf mbuf = {.buf_addr = bytes, .data_len = length, .pkt_len = length};

	memset(bytes, value, length);
	drops_note(&drops, &mbuf, verdict, 3, now, INTERVAL);
}

/* The values of the frames that are there, in the order of their places. */
static unsigned int read_values(enum verdict verdict, uint8_t values[DROPS_OF_EACH])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DROPS_OF_EACH; i++) {
		struct drop drop;

		if (drops_read(&drops, verdict, i, &drop))
			values[count++] = drop.bytes[0];
	}
	return count;
}

static void test_nothing(void **state)
{
	uint8_t values[DROPS_OF_EACH];

	(void)state;
	forget();
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		assert_int_equal(read_values(i, values), 0);
}

static void test_fields(void **state)
{
	static const struct {
		uint16_t length, kept;
	} rows[] = {{0, 0}, {1, 1}, {60, 60}, {DROP_BYTES - 1, DROP_BYTES - 1},
		{DROP_BYTES, DROP_BYTES}, {DROP_BYTES + 1, DROP_BYTES}, {1514, DROP_BYTES}};

	(void)state;
	forget();
	for (unsigned int i = 0; i < COUNT(rows); i++) {
		struct drop drop;

		note(VERDICT_UDP_PORT, (uint8_t)(i + 1), rows[i].length, 77 + i);
		assert_true(drops_read(&drops, VERDICT_UDP_PORT, i, &drop));
		assert_int_equal(drop.length, rows[i].length);
		assert_int_equal(drop.kept, rows[i].kept);
		assert_int_equal(drop.when, 77 + i);
		assert_int_equal(drop.queue, 3);
		for (unsigned int j = 0; j < DROP_BYTES; j++)
			assert_int_equal(drop.bytes[j], j < rows[i].kept ? i + 1 : 0);
	}
}

/* A ring goes around once in an interval, and not more. */
static void test_flood(void **state)
{
	static const uint8_t first[] = {1, 2, 3, 4, 5, 6, 7, 8},
			     second[] = {101, 102, 3, 4, 5, 6, 7, 8};
	uint8_t values[DROPS_OF_EACH];

	(void)state;
	forget();
	for (uint8_t i = 1; i <= 100; i++)
		note(VERDICT_ACL, i, 60, i);
	assert_int_equal(read_values(VERDICT_ACL, values), DROPS_OF_EACH);
	assert_memory_equal(values, first, sizeof(first));
	note(VERDICT_ACL, 100, 60, 1 + INTERVAL - 1);
	read_values(VERDICT_ACL, values);
	assert_memory_equal(values, first, sizeof(first));
	for (uint8_t i = 101; i < 200; i++) /* of which the first two are 1000 behind 1 and 2 */
		note(VERDICT_ACL, i, 60, 2 + INTERVAL);
	read_values(VERDICT_ACL, values);
	assert_memory_equal(values, second, sizeof(second));
}

/* What is rare is still there after a flood of something else. */
static void test_apart(void **state)
{
	uint8_t values[DROPS_OF_EACH];

	(void)state;
	forget();
	note(VERDICT_UDP_CHECKSUM, 42, 60, 1);
	for (unsigned int i = 0; i < 100000; i++)
		note(VERDICT_UDP_PORT, 1, 60, 1 + i * 10);
	assert_int_equal(read_values(VERDICT_UDP_CHECKSUM, values), 1);
	assert_int_equal(values[0], 42);
	assert_int_equal(read_values(VERDICT_IP_CHECKSUM, values), 0);
}

static void *write_always(void *argument)
{
	const bool *stop = argument;
	uint64_t now = 1;

	while (!__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		note(VERDICT_UDP_PORT, (uint8_t)now, DROP_BYTES, now);
		now += INTERVAL;
	}
	return NULL;
}

/* Whoever reads while it is written sees one frame, or nothing: never a part of each of two. */
static void test_reader(void **state)
{
	bool stop = false;
	pthread_t writer;
	unsigned int seen = 0;

	(void)state;
	forget();
	pthread_create(&writer, NULL, write_always, &stop);
	for (unsigned int i = 0; i < 10 * 1000 * 1000 && seen < 100000; i++) {
		struct drop drop;

		if (!drops_read(&drops, VERDICT_UDP_PORT, i % DROPS_OF_EACH, &drop))
			continue;
		seen++;
		for (unsigned int j = 0; j < DROP_BYTES; j++)
			assert_int_equal(drop.bytes[j], (uint8_t)drop.when);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	assert_true(seen > 0);
}

int main(void)
{
	suite_add("nothing yet", test_nothing);
	suite_add("length, time, queue and bytes", test_fields);
	suite_add("a flood goes around once in an interval", test_flood);
	suite_add("a flood leaves other verdicts alone", test_apart);
	suite_add("read while it is written", test_reader);
	return suite_run("drops");
}
