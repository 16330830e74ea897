/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The worker on a device that takes too little, with too few packet buffers, and by a clock that is
 * set: what it does then, and that no frame and no buffer is lost count of.
 */
#include <rte_mempool.h>

#include "worker_cases.h"

struct rig rig;

static int close(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

/* A device of 8 slots that nobody reads. */

static void test_full_plain(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
	for (unsigned int i = 0; i < 100; i++)
		rig_put_datagram(&rig, 64);
	rig_work(&rig);
	assert_int_equal(rig_take(&rig), 8);
	assert_int_equal(rig.queue->counters.tx_full, 92);
	rig_put_datagram(&rig, 64); /* there is room again */
	rig_work(&rig);
	assert_int_equal(rig_take(&rig), 1);
	rig_check(
		&rig, "a device of 8 slots, 100 datagrams", "8 sent, 92 freed, goes on with room");
}

static void test_full_mixed(void **state)
{
	const uint64_t bytes = 42 + 64;

	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
	for (unsigned int i = 0; i < 32; i++)
		if (i % 2 == 0)
			rig_put_datagram(&rig, 64);
		else
			rig_put_stray(&rig);
	rig_work(&rig);
	assert_int_equal(rig.queue->counters.tx_full, 8);
	assert_int_equal(rig.queue->counters.tx_bytes, 8 * bytes);
	assert_int_equal(rig_count(&rig, VERDICT_UDP_PORT), 16);
	rig_check(&rig, "a device of 8 slots, 16 datagrams among 16 drops", "8 sent, 8 freed");
}

static void test_full_fragments(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 8, .mbufs = MANY, .mtu = 576});
	for (unsigned int i = 0; i < 6; i++)
		rig_put_fragment(&rig, 1, i, 6, 1480);
	rig_work(&rig);
	/* 8880 bytes in pieces of 552 */
	assert_int_equal(rig.queue->counters.fragments_added, 16);
	assert_int_equal(rig.queue->counters.tx_full, 17 - 8);
	rig_check(&rig, "a device of 8 slots, a reply in 17 fragments", "8 sent, 9 freed");
}

static void test_full_announcement(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
	for (unsigned int i = 0; i < 8; i++)
		rig_put_datagram(&rig, 64);
	rig_work(&rig);
	worker_ask(rig.queue, WORKER_REQUEST_ANNOUNCE);
	rig_work(&rig);
	assert_int_equal(rig.queue->counters.announcements, 1);
	assert_int_equal(rig.queue->counters.tx_full, 1);
	rig_check(&rig, "a device of 8 slots, full, an announcement", "counted as not sent");
}

/* A few packet buffers. */

static void test_no_copies(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = 4, .mtu = 1500});
	/* All four are held, so that there is none for the copies that the reply needs. */
	for (unsigned int i = 0; i < 4; i++)
		rig_put_fragment(&rig, 1, i, 4, 1000);
	rig_work(&rig);
	assert_int_equal(rig_count(&rig, VERDICT_UDP_ECHO), 1);
	assert_int_equal(rig.queue->counters.tx_full, 1);
	assert_int_equal(rig.queue->counters.fragments_added, 0);
	rig_put_datagram(&rig, 64); /* and it goes on */
	rig_work(&rig);
	assert_int_equal(rig_take(&rig), 1);
	rig_check(&rig, "4 buffers, a reply that needs 3 more for its copies", "not sent, freed");
}

static void test_no_chain_copy(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = 2, .mtu = 9000});
	for (unsigned int i = 0; i < 2; i++)
		rig_put_fragment(&rig, 1, i, 2, 400);
	rig_work(&rig);
	assert_int_equal(rig_count(&rig, VERDICT_UDP_ECHO), 1);
	assert_int_equal(rig.queue->counters.tx_full, 1);
	rig_check(&rig, "2 buffers, a reply in a chain, to be copied into one", "not sent, freed");
}

static void test_no_announcement(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = 1, .mtu = 1500});
	worker_ask(rig.queue, WORKER_REQUEST_ANNOUNCE);
	rig_put_datagram(&rig, 64); /* which has the one that there is */
	rig_work(&rig);
	assert_int_equal(rig.queue->counters.announcements, 1);
	assert_int_equal(rig.queue->counters.tx_full, 1);
	assert_int_equal(rig_take(&rig), 1);
	rig_check(&rig, "1 buffer, in use, an announcement", "counted as not sent");
}

static void test_reassembly_share(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = 8, .mtu = 1500});
	/* It may hold all eight; the ninth comes in a buffer that was given back. */
	for (unsigned int i = 0; i < 8; i++)
		rig_put_fragment(&rig, (uint16_t)i, 0, 2, 400);
	rig_work(&rig);
	assert_int_equal(rig_count(&rig, VERDICT_IP_FRAGMENT_KEPT), 8);
	assert_int_equal(rte_mempool_avail_count(rig.pool), 0);
	rig_check(&rig, "8 buffers, all held by reassembly", "given up at the end");
	assert_int_equal(rig.taken, 0);
}

static int init(void **state)
{
	(void)state;
	rig_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_full_plain, close),
		cmocka_unit_test_teardown(test_full_mixed, close),
		cmocka_unit_test_teardown(test_full_fragments, close),
		cmocka_unit_test_teardown(test_full_announcement, close),
		cmocka_unit_test_teardown(test_vlans, close),
		cmocka_unit_test_teardown(test_many_vlans, close),
		cmocka_unit_test_teardown(test_stations, close),
		cmocka_unit_test_teardown(test_no_copies, close),
		cmocka_unit_test_teardown(test_no_chain_copy, close),
		cmocka_unit_test_teardown(test_no_announcement, close),
		cmocka_unit_test_teardown(test_reassembly_share, close),
		cmocka_unit_test_teardown(test_reassembly_back, close),
		cmocka_unit_test_teardown(test_reassembly_forward, close),
		cmocka_unit_test_teardown(test_limits_back, close),
		cmocka_unit_test_teardown(test_limits_forward, close),
		cmocka_unit_test_teardown(test_drops, close),
		cmocka_unit_test_teardown(test_tsc, close),
		cmocka_unit_test_teardown(test_tsc_reassembly, close),
	};

	return cmocka_run_group_tests_name("worker", tests, init, NULL);
}
