/* SPDX-License-Identifier: BSD-3-Clause */
/* Where our own ARP goes: in which VLANs, and against which stations. */
#include "../unit/frames.h"
#include "worker_cases.h"

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

void test_vlans(void **state)
{
	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
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

void test_many_vlans(void **state)
{
	uint8_t data[FRAME_BYTES_MAX];

	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
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

void test_stations(void **state)
{
	const struct arp_notes *notes;
	struct mac_address station;

	(void)state;
	rig_open(&rig, &(struct rig_options){.tx_slots = 64, .mbufs = MANY, .mtu = 1500});
	notes = &rig.queue->arp_notes;
	identity_add_address(&rig.policy.identity, ip_prefix_of_ipv4(BE32(0xc6120003), 24));
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
