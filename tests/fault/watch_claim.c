/* SPDX-License-Identifier: BSD-3-Clause */
/* Other stations that have our addresses, and another MAC that can't be followed at once. */
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

#include "monitor/metrics.h"
#include "runtime/workers.h"
#include "watch/changes.h"
#include "watch/claim.h"
#include "watch_rig.h"

/* As its worker would note it, of the device's only address. */
static void meet_station(void)
{
	__atomic_store_n(&runtime->workers[0]->queues[0].arp_notes.stations[0],
		UINT64_C(0x1000000000002), __ATOMIC_RELAXED);
}

/* RFC 5227 2.1.1: three probes, one second or two apart, and two seconds later the announcement. */
void test_probe(void **state)
{
	const uint64_t before = watch_announcements(119);

	(void)state;
	config.no_probe = false;
	claim_begin(watch, 0, 120);
	assert_int_equal(watch_announcements(121.1), before + 1);
	assert_int_equal(watch_announcements(122), before + 1);
	assert_int_equal(watch_announcements(123.2), before + 2);
	claim_renew(watch, 0); /* another MAC: its turn will come */
	assert_int_equal(watch_announcements(125.3), before + 3);
	assert_int_equal(watch_announcements(127.2), before + 3);
	assert_true(seen->claim.is_probing);
	assert_int_equal(watch_announcements(127.4), before + 4);
	assert_false(seen->claim.is_probing);
	assert_int_equal(watch_announcements(140), before + 4);
	claim_renew(watch, 0);
	assert_int_equal(watch_announcements(140.1), before + 5);
	printf("# the link comes up | three probes, an announcement | law holds | pool full\n");
}

/* RFC 5227 2.4: one that comes later. */
void test_defence(void **state)
{
	const uint64_t before = watch_announcements(141);

	(void)state;
	meet_station();
	assert_int_equal(watch_announcements(141.1), before + 1);
	assert_string_equal(watch_said.conflict,
		"another station (02:00:00:00:00:00) uses our address "
		"198.18.0.2 (arp_conflicts): udpechod announces it again");
	meet_station();
	assert_int_equal(watch_announcements(142), before + 1);
	assert_int_equal(watch_announcements(151), before + 1);
	assert_int_equal(watch_announcements(151.2), before + 2);
	assert_int_equal(watch_announcements(162), before + 2);
	assert_int_equal(seen->claim.refused, 0);
	printf("# another station uses our address | announced once in ten seconds | law holds | "
	       "pool full\n");
}

static bool has_no_memory;

void *__real_rte_malloc(const char *type, size_t size, unsigned int align);
void *__wrap_rte_malloc(const char *type, size_t size, unsigned int align);

void *__wrap_rte_malloc(const char *type, size_t size, unsigned int align)
{
	return has_no_memory ? NULL : __real_rte_malloc(type, size, align);
}

/* The interface has another MAC, which can't be followed at once. */
void test_no_memory(void **state)
{
	const struct worker_queue *queue = workers_queue(runtime, 0);
	const struct mac_address before = device->mac, other = {{2, 0, 0, 0, 0, 9}};

	(void)state;
	device->mac = other;
	seen->has_old_policy = true;
	has_no_memory = true;
	changes_follow(watch, 163);
	assert_true(mac_equal(&queue->policy->identity.mac, &before));
	has_no_memory = false;
	changes_follow(watch, 163.1);
	assert_true(mac_equal(&queue->policy->identity.mac, &other));
	assert_false(seen->has_old_policy);
	device->mac = before;
	seen->has_old_policy = true;
	changes_follow(watch, 163.2);
	printf("# another MAC, and no memory to follow it | followed once there is | law holds | "
	       "pool full\n");
}

static bool is_healthy(const char *why)
{
	char text[256] = "";
	FILE *stream = fmemopen(text, sizeof(text), "w");
	const bool is_well = metrics_check_health(&appliance->view, stream);

	fclose(stream);
	if (!is_well && strstr(text, why) == NULL)
		fail_msg("%s", text);
	return is_well;
}

/* It is another's: not used, until a reload. */
void test_duplicate(void **state)
{
	const struct policy *policy;
	struct error error;
	uint64_t before;

	(void)state;
	claim_begin(watch, 0, 170);
	before = watch_announcements(171.1);
	assert_true(is_healthy(""));
	meet_station();
	assert_int_equal(watch_announcements(171.2), before);
	assert_string_equal(watch_said.conflict,
		"another station (02:00:00:00:00:00): udpechod does not use it: remove it there "
		"and reload udpechod (SIGHUP), or start udpechod with --no-probe");
	policy = runtime->workers[0]->queues[0].policy;
	assert_int_equal(policy->identity.address_count, 0);
	assert_false(is_healthy("an address of it belongs to another station"));
	assert_int_equal(watch_announcements(180), before);
	assert_int_equal(watch_announcements(190), before);
	assert_int_equal(appliance_reload(appliance, &config, &error), 0);
	assert_true(is_healthy(""));
	assert_true(seen->claim.is_probing);
	policy = runtime->workers[0]->queues[0].policy;
	assert_int_equal(policy->identity.address_count, 1);
	config.no_probe = true;
	claim_begin(watch, 0, 195);
	assert_true(watch_announcements(195) > before);
	printf("# a probe finds another station | its address is not used until a reload | law "
	       "holds | pool full\n");
}
