/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The worker on a device that takes too little, with too few packet buffers, and by a clock that is
 * set: what it does then, and that no frame and no buffer is lost count of.
 */
#include <stdio.h>

#include <rte_mempool.h>

#include "../unit/frames.h"
#include "../unit/suite.h"
#include "rig.h"
#include "tsc.h"

#define MANY   4095
#define SECOND UINT64_C(1000000) /* of the clock that frames bring */
#define HOUR   (3600 * SECOND)

static struct rig rig;

static void open(const struct rig_wish *wish)
{
	rig_open(&rig, wish);
}

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
	open(&(struct rig_wish){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
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
	open(&(struct rig_wish){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
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
	open(&(struct rig_wish){.tx_slots = 8, .mbufs = MANY, .mtu = 576});
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
	open(&(struct rig_wish){.tx_slots = 8, .mbufs = MANY, .mtu = 1500});
	for (unsigned int i = 0; i < 8; i++)
		rig_put_datagram(&rig, 64);
	rig_work(&rig);
	worker_ask(rig.queue, WORKER_REQUEST_ANNOUNCE);
	rig_work(&rig);
	assert_int_equal(rig.queue->counters.announcements, 1);
	assert_int_equal(rig.queue->counters.tx_full, 1);
	rig_check(&rig, "a device of 8 slots, full, an announcement", "counted as not sent");
}

/* Where our own ARP goes. */

#define REQUEST(sender) "0806 0001 0800 06 04 0001 " US sender "000000000000 c6120002"

static void put_frame(const char *text)
{
	const struct bytes frame = bytes_of(text);

	rig_put(&rig, frame.data, frame.length);
	rig_work(&rig);
	rig_take(&rig);
}

static void expect(const char *text)
{
	const struct bytes frame = bytes_of(text);
	uint8_t data[FRAME_BYTES_MAX];

	assert_int_equal(rig_look(&rig, data), frame.length);
	assert_memory_equal(data, frame.data, frame.length);
}

static void ask(enum worker_request request)
{
	worker_ask(rig.queue, request);
	rig_work(&rig);
}

static void test_vlans(void **state)
{
	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
	put_frame(ARP);
	put_frame(BROADCAST THEM "8100 6064 0806 " ARP_BODY);
	put_frame(BROADCAST THEM "8100 0064 0806 " ARP_BODY); /* the same, of another priority */
	put_frame(BROADCAST THEM "88a8 0064 8100 0005 0806 " ARP_BODY);
	put_frame(BROADCAST THEM "8100 0007 0806 0001 0800 06 04 0001 " THEM
				 "c6120001 000000000000 c6120003"); /* asks for another */
	ask(WORKER_REQUEST_PROBE);
	expect(BROADCAST US REQUEST("00000000"));
	expect(BROADCAST US "8100 0064" REQUEST("00000000"));
	expect(BROADCAST US "88a8 0064 8100 0005" REQUEST("00000000"));
	assert_int_equal(rig_take(&rig), 0);
	/* A conflict is one in its own VLAN. */
	put_frame(BROADCAST THEM "8100 0009 0806 0001 0800 06 04 0002 " THEM
				 "c6120002 000000000000 c6120002");
	ask(WORKER_REQUEST_ANNOUNCE);
	expect(BROADCAST US REQUEST("c6120002"));
	expect(BROADCAST US "8100 0064" REQUEST("c6120002"));
	expect(BROADCAST US "88a8 0064 8100 0005" REQUEST("c6120002"));
	expect(BROADCAST US "8100 0009" REQUEST("c6120002"));
	assert_int_equal(rig_take(&rig), 0);
	/* Another queue of the device knows of its own VLANs. */
	rig.queue->number = 1;
	ask(WORKER_REQUEST_ANNOUNCE);
	assert_int_equal(rig_take(&rig), 3);
	assert_int_equal(rig.queue->counters.announcements, 3 + 4 + 3);
	rig_check(&rig, "ARP in three VLANs", "probes and announcements go out in each");
}

static void test_many_vlans(void **state)
{
	uint8_t data[FRAME_BYTES_MAX];

	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
	for (unsigned int i = 1; i <= ARP_NOTES_VLANS_MAX + 1; i++) {
		struct bytes frame = bytes_of(BROADCAST THEM "8100 0000 0806 " ARP_BODY);

		frame.data[15] = (uint8_t)i;
		rig_put(&rig, frame.data, frame.length);
	}
	rig_work(&rig);
	rig_take(&rig);
	ask(WORKER_REQUEST_ANNOUNCE);
	assert_int_equal(rig_look(&rig, data), 42);
	/* The first one made room for the last. */
	assert_int_equal(rig_look(&rig, data), 46);
	assert_int_equal(data[15], ARP_NOTES_VLANS_MAX + 1);
	assert_int_equal(rig_look(&rig, data), 46);
	assert_int_equal(data[15], 2);
	assert_int_equal(rig_take(&rig), ARP_NOTES_VLANS_MAX - 2);
	rig_check(&rig, "ARP in more VLANs than are remembered", "the oldest makes room");
}

static void test_stations(void **state)
{
	const struct arp_notes *notes;
	struct mac_address station;

	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
	notes = &rig.queue->arp_notes;
	identity_add_address(&rig.policy.identity, BE32(0xc6120003), 24);
	put_frame(ARP);
	assert_false(arp_notes_station(notes, 0, &station));
	put_frame(BROADCAST THEM "0806 0001 0800 06 04 0001 0a0b0c0d0e0f"
				 "c6120003 000000000000 c6120003");
	assert_false(arp_notes_station(notes, 0, &station));
	assert_true(arp_notes_station(notes, 1, &station));
	assert_memory_equal(&station, "\x0a\x0b\x0c\x0d\x0e\x0f", 6);
	arp_notes_forget_stations(&rig.queue->arp_notes);
	assert_false(arp_notes_station(notes, 1, &station));
	/* Ourselves, as a switch may send it back. */
	put_frame(BROADCAST US REQUEST("c6120002"));
	assert_false(arp_notes_station(notes, 0, &station));
	assert_int_equal(rig.queue->counters.arp_conflicts, 1);
	rig_check(&rig, "another station has the second address", "it is told by its MAC");
}

/* A few packet buffers. */

static void test_no_copies(void **state)
{
	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = 4, .mtu = 1500});
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
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = 2, .mtu = 9000});
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
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = 1, .mtu = 1500});
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
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = 8, .mtu = 1500});
	/* It may hold all eight; the ninth comes in a buffer that was given back. */
	for (unsigned int i = 0; i < 8; i++)
		rig_put_fragment(&rig, (uint16_t)i, 0, 2, 400);
	rig_work(&rig);
	assert_int_equal(rig_count(&rig, VERDICT_IP_FRAGMENT_KEPT), 8);
	assert_int_equal(rte_mempool_avail_count(rig.pool), 0);
	rig_check(&rig, "8 buffers, all held by reassembly", "given up at the end");
	assert_int_equal(rig.taken, 0);
}

/* The clock is set. */

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

static void test_reassembly_back(void **state)
{
	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
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

static void test_reassembly_forward(void **state)
{
	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
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

static const struct rig_wish limited = {
	.tx_slots = 64,
	.mbufs = MANY,
	.mtu = 1500,
	.has_clock = true,
	.limits = {.echo = {.per_second = 2, .burst = 10}, .prefix_length = 24},
};

static void test_limits_back(void **state)
{
	(void)state;
	open(&limited);
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

static void test_limits_forward(void **state)
{
	(void)state;
	open(&limited);
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

static void test_drops(void **state)
{
	static const uint64_t times[] = {10 * HOUR, HOUR, 9999999 * HOUR, 1, 20 * HOUR};

	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500, .has_clock = true});
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
static void test_tsc(void **state)
{
	static const struct {
		const char *about;
		uint64_t step; /* of each reading from the one before */
	} rows[] = {{"as ever", 1000}, {"stands still", 0},
		{"goes back with each reading", -1000000ULL}};
	uint64_t busy = 0;

	(void)state;
	open(&(struct rig_wish){.tx_slots = 4095, .mbufs = MANY, .mtu = 1500});
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

static void test_tsc_reassembly(void **state)
{
	const uint64_t start = UINT64_C(1) << 60;

	(void)state;
	open(&(struct rig_wish){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
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
