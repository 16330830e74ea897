/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <udpecho/control/log.h>

#include "device/interface.h"
#include "device/link.h"
#include "foreign.h"
#include "format.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"
#include "watch/changes.h"
#include "watch/claim.h"

#define QUEUES_ASKED_EVERY 1.0 /* seconds: of these rtnetlink tells nothing */

/* So that no other udpechod takes it under the name that it has now. */
static void lock_again(struct device *device)
{
	struct error error;
	const int lock = interface_lock(device->name, &error);

	if (lock < 0) {
		log_say(RTE_LOG_WARNING, "device %s: under its new name: %s", device->config->text,
			error.text);
		return;
	}
	close(device->lock);
	device->lock = lock;
}

static void follow_name(struct device *device, const struct link *link, struct device_watch *watch)
{
	if (link->name[0] == '\0' || strcmp(link->name, device->name) == 0)
		return;
	counter_add(&watch->faults.changes, 1);
	log_say(RTE_LOG_WARNING,
		"device %s: the interface is called %s now: write that in the configuration "
		"before the next start",
		device->config->text, link->name);
	snprintf(device->name, sizeof(device->name), "%s", link->name);
	if (device->lock >= 0)
		lock_again(device);
}

/* True: replies are to be cut for another MTU. */
static bool follow_mtu(struct device *device, const struct link *link, struct device_watch *watch)
{
	const unsigned int before = device->mtu, link_before = device->link_mtu;

	if (link->mtu == 0 || link->mtu == device->link_mtu)
		return false;
	counter_add(&watch->faults.changes, 1);
	device->link_mtu = link->mtu;
	device->mtu = device_mtu_for(device, link->mtu);
	if (device->config->mtu != 0)
		device->mtu = RTE_MIN(device->mtu, device->config->mtu);
	if (device->mtu < link->mtu && device->mtu != device->config->mtu)
		log_say(RTE_LOG_WARNING,
			"device %s: the interface's MTU is %u now, and packet buffers hold %u: "
			"longer packets may be lost: restart udpechod",
			device->config->text, link->mtu, device->mtu);
	else
		log_say(RTE_LOG_NOTICE,
			"device %s: the interface's MTU is %u now, it was %u: replies follow it",
			device->config->text, link->mtu, link_before);
	return device->mtu != before;
}

/* True: we answer under another MAC. */
static bool follow_mac(struct device *device, const struct link *link, struct device_watch *watch)
{
	if (!device->follows_mac || device->config->has_mac || !link->has_mac ||
		mac_equal(&link->mac, &device->mac))
		return false;
	counter_add(&watch->faults.changes, 1);
	log_say(RTE_LOG_NOTICE,
		"device %s: the interface's MAC is %s now: announcing our addresses under it",
		device->config->text, format_mac(&link->mac).text);
	device->mac = link->mac;
	return true;
}

/* What is longer than the MTU is known for what it is: VERDICT_ETH_SUPERFRAME. */
static void watch_gathering(const struct device *device, struct device_watch *watch)
{
	const bool gathers = device->config->kind->superframes && interface_gathers(device->name);

	if (gathers && !watch->gathers)
		log_say(RTE_LOG_WARNING,
			"device %s: the kernel puts UDP datagrams that come together into one "
			"frame (GRO), which is echoed as one datagram, or dropped: `ethtool -K %s "
			"rx-udp-gro-forwarding off rx-gro-list off`",
			device->config->text, foreign_word(device->name).text);
	watch->gathers = gathers;
}

void changes_expect_superframes(struct watch *watch, unsigned int index)
{
	const struct device *device = &watch->runtime->devices[index];

	watch_gathering(device, &watch->devices[index]);
	if (device->config->kind->superframes && interface_is_veth(device->name))
		log_say(RTE_LOG_NOTICE,
			"device %s: the other end of this veth may send several datagrams as one "
			"frame (UDP GSO), which is echoed as one datagram, or dropped: use af_xdp, "
			"or there `ethtool -K PEER tx-udp-segmentation off`",
			device->config->text);
}

static void see(const struct link *link, void *argument)
{
	struct watch *watch = argument;

	for (unsigned int i = 0; i < watch->runtime->device_count; i++) {
		struct device *device = &watch->runtime->devices[i];
		struct device_watch *seen = &watch->devices[i];

		if (device->interface != link->index || device->is_lost)
			continue;
		follow_name(device, link, seen);
		seen->has_old_policy |= follow_mtu(device, link, seen);
		seen->has_old_policy |= follow_mac(device, link, seen);
		watch_gathering(device, seen);
	}
}

static void ask_for_all(struct watch *watch)
{
	const struct runtime *runtime = watch->runtime;

	for (unsigned int i = 0; i < runtime->device_count; i++) {
		struct link link;

		if (runtime->devices[i].interface != 0 &&
			link_get(runtime->devices[i].interface, &link) == 0)
			see(&link, watch);
	}
}

/* Somebody uses ethtool -L: queues that we do not poll may receive now. */
static void watch_queues(const struct device *device, struct device_watch *watch, double now)
{
	unsigned int receive;

	if (device->config->kind->count_queues == NULL ||
		(watch->queues_asked != 0 && now - watch->queues_asked < QUEUES_ASKED_EVERY))
		return;
	watch->queues_asked = now;
	receive = interface_channels(device->name).receive;
	if (receive == watch->queues)
		return;
	if (watch->queues != 0) {
		counter_add(&watch->faults.changes, 1);
		if (receive > device->queue_count)
			log_say(RTE_LOG_WARNING,
				"device %s: the interface receives on %u queues now, and udpechod "
				"polls %u of them: what comes by the others is lost: restart "
				"udpechod, or set them back with `ethtool -L`",
				device->config->text, receive, device->queue_count);
		else
			log_say(RTE_LOG_NOTICE,
				"device %s: the interface receives on %u queues now",
				device->config->text, receive);
	}
	watch->queues = receive;
	watch->has_other_queues = receive > device->queue_count;
}

/* Of all devices at once. Without memory for it, again in the next round. */
static void renew_policies(struct watch *watch, double now)
{
	struct runtime *runtime = watch->runtime;
	struct policy_set *set;
	struct error error;

	if (policy_set_renew(&set, runtime, &error) < 0) {
		if (log_may(&watch->devices[0].policy_logged, now))
			log_say(RTE_LOG_ERR, "the change can't be followed yet: %s", error.text);
		return;
	}
	workers_go_by(runtime, set);
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		if (watch->devices[i].has_old_policy)
			claim_renew(watch, i);
		watch->devices[i].has_old_policy = false;
	}
}

void changes_begin(struct watch *watch)
{
	const struct config *config = watch->runtime->config;
	bool is_live = false;

	for (unsigned int i = 0; i < config->device_count; i++)
		is_live |= !config->devices[i].kind->offline;
	if (!is_live)
		return;
	watch->changes = link_monitor_open();
	if (watch->changes == NULL)
		log_say(RTE_LOG_WARNING,
			"the kernel tells nothing of changes of interfaces (rtnetlink: %s): it is "
			"asked again and again",
			strerror(errno));
}

void changes_follow(struct watch *watch, double now)
{
	const struct runtime *runtime = watch->runtime;
	bool is_old = false;

	if (watch->changes == NULL || !link_monitor_read(watch->changes, see, watch))
		ask_for_all(watch);
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		if (!runtime->devices[i].is_lost)
			watch_queues(&runtime->devices[i], &watch->devices[i], now);
		is_old |= watch->devices[i].has_old_policy;
	}
	if (is_old)
		renew_policies(watch, now);
}

void changes_end(struct watch *watch)
{
	link_monitor_close(watch->changes);
	watch->changes = NULL;
}
