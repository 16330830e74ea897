/* SPDX-License-Identifier: BSD-3-Clause */
/* An interface that somebody changes again and again. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "device/interface.h"
#include "device/link.h"
#include "watch/changes.h"
#include "watch_rig.h"

#define NO_INTERFACE INT_MAX /* an index that the kernel gives to no interface */

/* What the kernel is made to say of it; index 0: nothing. */
static struct link link_now;
static unsigned int queues_now;

typedef void see_link(const struct link *link, void *argument);

bool __real_link_monitor_read(struct mnl_socket *monitor, see_link *see, void *argument);
bool __wrap_link_monitor_read(struct mnl_socket *monitor, see_link *see, void *argument);
struct interface_channels __real_interface_channels(const char *name);
struct interface_channels __wrap_interface_channels(const char *name);

bool __wrap_link_monitor_read(struct mnl_socket *monitor, see_link *see, void *argument)
{
	if (link_now.index == 0)
		return __real_link_monitor_read(monitor, see, argument);
	see(&link_now, argument);
	return true;
}

struct interface_channels __wrap_interface_channels(const char *name)
{
	if (link_now.index == 0)
		return __real_interface_channels(name);
	return (struct interface_channels){.pairs = 1, .receive = queues_now};
}

static const struct {
	double now;
	const char *name;
	unsigned int mtu, mac, queues; /* of the MAC, its last byte */
	unsigned int changes;          /* counted so far */
	const char *said;
} looks[] = {
	{10, "first", 1500, 1, 1, 0, ""}, /* as it was at the start */
	{11, "second", 1400, 2, 2, 4,
		"is called second; MTU is 1400; MAC is 02:00:00:00:00:02; receives on 2 queues; "},
	{12, "third", 1300, 3, 3, 8, ""},
	{13, "fourth", 1200, 4, 4, 12, ""},
	{20, "fourth", 1200, 4, 4, 12, ""},
	{21.5, "fourth", 1200, 4, 4, 12,
		"is called fourth; MTU is 1200; MAC is 02:00:00:00:00:04; receives on 4 queues; "},
	/* There and back again, before the log may say it. */
	{23, "fifth", 1100, 5, 5, 16, ""},
	{25, "fourth", 1200, 4, 4, 20, ""},
	{33, "fourth", 1200, 4, 4, 20, ""},
	/* Each has an interval of its own. */
	{34, "fourth", 1000, 4, 4, 21, "MTU is 1000; "},
	{35, "fourth", 1000, 6, 4, 22, "MAC is 02:00:00:00:00:06; "},
	{36, "fourth", 1100, 6, 1, 24, "receives on 1 queues; "},
	{45, "fourth", 1100, 6, 1, 24, "MTU is 1100; "},
};

void test_changes(void **state)
{
	const struct device_kind *kind = config.devices[0].kind;
	struct device_kind with_queues = *kind;
	const struct mac_address mac = device->mac;
	const unsigned int mtu = device->mtu, link_mtu = device->link_mtu;
	const bool follows_mac = device->follows_mac;
	const uint64_t changes = seen->faults.changes;

	(void)state;
	assert_non_null(watch->changes);
	assert_true(device->lock < 0);
	with_queues.count_queues = device_kind_find("af_xdp", strlen("af_xdp"))->count_queues;
	assert_non_null(with_queues.count_queues);
	config.devices[0].kind = &with_queues;
	device->interface = NO_INTERFACE;
	device->follows_mac = true;
	device->link_mtu = looks[0].mtu;
	device->mac = (struct mac_address){{2, 0, 0, 0, 0, 1}};
	strcpy(device->name, looks[0].name);
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		link_now = (struct link){.index = NO_INTERFACE,
			.mtu = looks[i].mtu,
			.has_mac = true,
			.mac = {{2, 0, 0, 0, 0, (uint8_t)looks[i].mac}}};
		strcpy(link_now.name, looks[i].name);
		queues_now = looks[i].queues;
		watch_said.changes[0] = '\0';
		changes_follow(watch, looks[i].now);
		assert_string_equal(watch_said.changes, looks[i].said);
		/* Followed at once, whatever the log says. */
		assert_int_equal(seen->faults.changes, changes + looks[i].changes);
		assert_int_equal(device->link_mtu, looks[i].mtu);
		assert_true(mac_equal(&device->mac, &link_now.mac));
	}
	link_now.index = 0;
	config.devices[0].kind = kind;
	device->interface = 0;
	device->name[0] = '\0';
	device->follows_mac = follows_mac;
	device->mac = mac;
	device->mtu = mtu;
	device->link_mtu = link_mtu;
	seen->told.is_known = false;
	seen->has_other_queues = false;
	seen->told.queues = seen->queues;
	seen->has_old_policy = true;
	changes_follow(watch, 46);
	printf("# somebody changes the interface 24 times | the log says the first of each at "
	       "once, and the last within ten seconds | law holds | pool full\n");
}
