/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock goes back and forth: that of the frames, and the TSC. */
#include <rte_cycles.h>

#include "tsc.h"
#include "worker_cases.h"

#define SECOND UINT64_C(1000000) /* of the clock that frames bring */
#define HOUR   (3600 * SECOND)

static void start_datagram(uint16_t number)
{
	rig_put_fragment(&rig, number, 0, 2, 400);
	rig_work(&rig);
}

/* A datagram comes by, which is of interest to nobody but reassembly: it sees the time. */
static uint64_t expired_by(uint64_t now)
{
	rig.now = now;
	start_datagram(9999);
	return rig.queue->counters.fragments_expired;
}

void test_reassembly_back(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){
			       .tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
	rig.now = 10 * HOUR;
	for (uint16_t i = 0; i < 3; i++)
		start_datagram(i);
	/* An hour back: they wait for another 5 s, and not for an hour. */
	assert_int_equal(expired_by(9 * HOUR), 0);
	assert_int_equal(expired_by(9 * HOUR + 4 * SECOND), 0);
	assert_int_equal(expired_by(9 * HOUR + 6 * SECOND), 4); /* with the one that came first */
	rig_check(&rig, "the clock goes an hour back, 3 datagrams that are not whole",
		"given up after 5 s");
}

void test_reassembly_forward(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){
			       .tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
	rig.now = HOUR;
	for (uint16_t i = 0; i < 3; i++)
		start_datagram(i);
	assert_int_equal(expired_by(UINT64_MAX), 3);
	assert_int_equal(expired_by(1), 3); /* as far back as it can */
	assert_int_equal(expired_by(6 * SECOND), 4);
	rig_check(&rig, "the clock goes to its end, and back to its beginning",
		"given up at once, then after 5 s");
}

/* Echoes of COUNT datagrams at time NOW. */
static uint64_t echoes_at(uint64_t now, unsigned int count)
{
	const uint64_t before = rig_count(&rig, VERDICT_UDP_ECHO);

	rig.now = now;
	for (unsigned int i = 0; i < count; i++)
		rig_put_datagram(&rig, 64);
	rig_work(&rig);
	rig_take(&rig);
	return rig_count(&rig, VERDICT_UDP_ECHO) - before;
}

static const struct rig_options limited = {
	.tx_slots = 64,
	.mbufs = MANY,
	.mtu = 1500,
	.has_clock = true,
	.limits = {.echo = {.per_second = 2, .burst = 10}, .prefix_length = 24},
};

void test_limits_back(void **state)
{
	(void)state;
	rig_open(&rig, &limited);
	assert_int_equal(echoes_at(10 * HOUR, 20), 10);
	/* A moment back is no time at all: another worker may have been quicker. */
	assert_int_equal(echoes_at(10 * HOUR - SECOND / 2, 20), 0);
	assert_int_equal(echoes_at(10 * HOUR + SECOND / 2, 20), 1);
	/* Two hours back earn nothing; but from there on it earns as ever. */
	assert_int_equal(echoes_at(8 * HOUR, 20), 0);
	assert_int_equal(echoes_at(8 * HOUR + SECOND, 20), 2);
	assert_int_equal(echoes_at(8 * HOUR + 2 * SECOND, 20), 2);
	rig_check(&rig, "the clock goes two hours back, 2 echoes a second",
		"earns nothing by it, and then 2 a second");
}

void test_limits_forward(void **state)
{
	(void)state;
	rig_open(&rig, &limited);
	assert_int_equal(echoes_at(HOUR, 20), 10);
	assert_int_equal(echoes_at(UINT64_MAX, 20), 10); /* as many as a bucket holds */
	assert_int_equal(echoes_at(UINT64_MAX, 20), 0);
	assert_int_equal(echoes_at(1, 20), 0);
	assert_int_equal(echoes_at(1 + SECOND, 20), 2);
	rig_check(&rig, "the clock goes to its end, and back to its beginning, 2 echoes a second",
		"a burst at most, then 2 a second");
}

static unsigned int drops_noted(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < DROPS_OF_EACH; i++) {
		struct drop drop;

		count += drops_read(&rig.worker->drops, VERDICT_UDP_PORT, i, &drop) &&
			 drop.when == rig.now;
	}
	return count;
}

void test_drops(void **state)
{
	static const uint64_t times[] = {10 * HOUR, HOUR, 9999999 * HOUR, 1, 20 * HOUR};

	(void)state;
	rig_open(&rig, &(struct rig_options){
			       .tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
	for (size_t i = 0; i < COUNT(times); i++) {
		rig.now = times[i];
		for (unsigned int j = 0; j < 100; j++)
			rig_put_stray(&rig);
		rig_work(&rig);
		assert_int_equal(drops_noted(), DROPS_OF_EACH);
	}
	rig_check(&rig, "the clock goes back and forth, 100 drops each time",
		"8 are noted each time");
}

/* The TSC itself, which workers measure by. */
void test_tsc(void **state)
{
	static const struct {
		const char *about;
		uint64_t step; /* of each reading from the one before */
	} rows[] = {{"as ever", 1000}, {"stands still", 0},
		{"goes back with each reading", -1000000ULL}};
	uint64_t busy = 0;

	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 4095, .mbufs = MANY, .mtu = 1500});
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (unsigned int j = 0; j < 1024; j++)
			rig_put_datagram(&rig, 64);
		tsc_set(UINT64_C(1) << 50, rows[i].step);
		rig_work(&rig);
		assert_true(tsc_release() > 0);
		rig_take(&rig);
		assert_true(rig.worker->busy_ticks >= busy);
		assert_true(rig.worker->busy_ticks < UINT64_C(1) << 40);
		busy = rig.worker->busy_ticks;
		assert_true(rig.worker->residence.most < UINT64_C(1) << 40);
		assert_true(rig.worker->residence.sum < UINT64_C(1) << 40);
	}
	assert_true(busy > 0 && residence_count(&rig.worker->residence) > 0);
	rig_check(&rig, "the TSC stands still, and goes back with each reading",
		"no time is measured: nothing underflows");
}

void test_tsc_reassembly(void **state)
{
	const uint64_t start = UINT64_C(1) << 60;

	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
	tsc_set(start, 1);
	start_datagram(1);
	tsc_set(start / 2, 1); /* years back */
	start_datagram(2);
	rig_work(&rig); /* nothing comes: it looks at the time all the same */
	tsc_set(start / 2 + 4 * rte_get_tsc_hz(), 1);
	rig_work(&rig);
	assert_int_equal(rig.queue->counters.fragments_expired, 0);
	tsc_set(start / 2 + 6 * rte_get_tsc_hz(), 1);
	rig_work(&rig);
	assert_true(tsc_release() > 0);
	assert_int_equal(rig.queue->counters.fragments_expired, 2);
	rig_check(&rig, "the TSC goes years back, 2 datagrams that are not whole",
		"given up after 5 s");
}
