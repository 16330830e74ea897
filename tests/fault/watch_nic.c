/* SPDX-License-Identifier: BSD-3-Clause */
/* A NIC whose link flaps, that is pulled out, or that wants a reset. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>

#include "device/port.h"
#include "watch_rig.h"

/* Of ethdev, for drivers: their headers are not installed. */
extern char rte_eth_devices[];
int rte_eth_dev_callback_process(void *device, enum rte_eth_event_type event, void *returned);

static bool is_link_up = true;

static bool tell_link_is_up(const struct device *asked, bool before)
{
	(void)asked;
	(void)before;
	return is_link_up;
}

/* A link that goes up and down at each look: counted each time, told once of each, and at last. */
void test_flaps(void **state)
{
	const struct device_kind *kind = config.devices[0].kind;
	struct device_kind flapping = *kind;
	const uint64_t changes = seen->faults.link_changes;

	(void)state;
	flapping.link_is_up = tell_link_is_up;
	config.devices[0].kind = &flapping;
	watch_look(100);
	assert_string_equal(watch_said.link, "");
	for (unsigned int i = 1; i <= 9; i++) {
		is_link_up = i % 2 == 0;
		watch_look(100 + i);
	}
	assert_string_equal(watch_said.link, "downup");
	assert_false(watch_device_is_up(watch, 0));
	watch_look(110);
	assert_string_equal(watch_said.link, "downup");
	watch_look(112); /* ten seconds after it was told last: it still is */
	assert_string_equal(watch_said.link, "downupdown");
	is_link_up = true;
	watch_look(113);
	assert_string_equal(watch_said.link, "downupdownup");
	assert_int_equal(seen->faults.link_changes, changes + 10);
	config.devices[0].kind = kind;
	printf("# the link flaps ten times | ten link_changes, four lines of log | law holds | "
	       "pool full\n");
}

/* A driver that can say that its NIC went, or can't; and what it was asked for. */
static uint32_t more_flags;
static struct rte_eth_conf asked;

int __real_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info);
int __wrap_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info);
int __real_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);
int __wrap_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);

int __wrap_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info)
{
	static uint32_t flags;
	const int result = __real_rte_eth_dev_info_get(port, info);

	if (result == 0) {
		flags = *info->dev_flags | more_flags;
		info->dev_flags = &flags;
	}
	return result;
}

int __wrap_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf)
{
	asked = *conf;
	/* ethdev refuses it of a driver that can't. */
	return __real_rte_eth_dev_configure(port, rx, tx, conf);
}

void test_removal(void **state)
{
	struct error error;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		more_flags = i == 0 ? 0 : RTE_ETH_DEV_INTR_RMV;
		memset(&asked, 0xff, sizeof(asked));
		/* It runs, and so stays as it is. */
		assert_int_equal(port_configure(device, device->ports[0], &error), -EBUSY);
		assert_int_equal(asked.intr_conf.rmv, i);
	}
	more_flags = 0;
	watch_look(150);
	assert_false(device->is_lost);
	assert_int_equal(device->ports[0], 0);
	rte_eth_dev_callback_process(rte_eth_devices, RTE_ETH_EVENT_INTR_RMV, NULL);
	watch_look(151);
	assert_true(device->is_lost);
	assert_ptr_equal(appliance_lost_device(appliance), device);
	device->was_removed = false;
	device->is_lost = false;
	printf("# the NIC is pulled out | the device is lost | law holds | pool full\n");
}

void test_reset(void **state)
{
	(void)state;
	watch_look(200);
	assert_false(device->is_lost);
	/* Port 0, the first of that array: its element's size is not for us to know. */
	assert_int_equal(device->ports[0], 0);
	rte_eth_dev_callback_process(rte_eth_devices, RTE_ETH_EVENT_INTR_RESET, NULL);
	watch_look(201);
	assert_true(device->is_lost);
	assert_int_equal(appliance_wait(appliance), APPLIANCE_LOST);
}
