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

#define QUEUES_ASKED_EVERY 1.0 /* seconds: rtnetlink does not tell of queues */

/* Locks the interface against another udpechod under its new name, too. */
static void lock_again(struct device *device, struct device_watch *watch, double now)
{
	struct error error;
	const int lock = interface_lock(device->name, &error);

	if (lock < 0) {
		if (log_may(&watch->lock_logged, now))
			log_say(RTE_LOG_WARNING, "device %s: the interface has a new name: %s",
				device->config->text, error.text);
		return;
	}
	close(device->lock);
	device->lock = lock;
}

static void follow_name(
	struct device *device, const struct link *link, struct device_watch *watch, double now)
{
	if (link->name[0] == '\0' || strcmp(link->name, device->name) == 0)
		return;
	counter_add(&watch->faults.changes, 1);
	snprintf(device->name, sizeof(device->name), "%s", link->name);
	if (device->lock >= 0)
		lock_again(device, watch, now);
}

/* Returns whether the MTU for replies has changed. */
static bool follow_mtu(struct device *device, const struct link *link, struct device_watch *watch)
{
	const unsigned int before = device->mtu;

	if (link->mtu == 0 || link->mtu == device->link_mtu)
		return false;
	counter_add(&watch->faults.changes, 1);
	device->link_mtu = link->mtu;
	device->mtu = device_mtu_for(device, link->mtu);
	if (device->config->mtu != 0)
		device->mtu = RTE_MIN(device->mtu, device->config->mtu);
	return device->mtu != before;
}

/* Returns whether our MAC has changed. */
static bool follow_mac(struct device *device, const struct link *link, struct device_watch *watch)
{
	if (!device->follows_mac || device->config->has_mac || !link->has_mac ||
		mac_equal(&link->mac, &device->mac))
		return false;
	counter_add(&watch->faults.changes, 1);
	device->mac = link->mac;
	return true;
}

static void tell_name(const struct device *device, struct device_watch *watch, double now)
{
	struct device_told *told = &watch->told;

	if (strcmp(told->name, device->name) == 0 || !log_may(&told->name_logged, now))
		return;
	snprintf(told->name, sizeof(told->name), "%s", device->name);
	log_say(RTE_LOG_WARNING,
		"device %s: the interface is called %s now: change the configuration before the "
		"next start",
		device->config->text, device->name);
}

static void tell_mtu(const struct device *device, struct device_watch *watch, double now)
{
	struct device_told *told = &watch->told;
	const unsigned int before = told->link_mtu;

	if (before == device->link_mtu || !log_may(&told->mtu_logged, now))
		return;
	told->link_mtu = device->link_mtu;
	if (device->mtu < device->link_mtu && device->mtu != device->config->mtu)
		log_say(RTE_LOG_WARNING,
			"device %s: the interface's MTU is %u now, and packet buffers hold %u: "
			"longer packets may be lost until you restart udpechod",
			device->config->text, device->link_mtu, device->mtu);
	else
		log_say(RTE_LOG_NOTICE,
			"device %s: the interface's MTU is %u now, it was %u: replies follow it",
			device->config->text, device->link_mtu, before);
}

static void tell_mac(const struct device *device, struct device_watch *watch, double now)
{
	struct device_told *told = &watch->told;

	if (mac_equal(&told->mac, &device->mac) || !log_may(&told->mac_logged, now))
		return;
	told->mac = device->mac;
	log_say(RTE_LOG_NOTICE,
		"device %s: the interface's MAC is %s now: udpechod announces its addresses with "
		"it",
		device->config->text, format_mac(&device->mac).text);
}

static void tell_queues(const struct device *device, struct device_watch *watch, double now)
{
	struct device_told *told = &watch->told;

	if (told->queues == watch->queues || !log_may(&told->queues_logged, now))
		return;
	told->queues = watch->queues;
	if (watch->queues > device->queue_count)
		log_say(RTE_LOG_WARNING,
			"device %s: the interface receives on %u queues now, and udpechod polls %u "
			"of them: frames of the others are lost: restart udpechod, or go back with "
			"`ethtool -L`",
			device->config->text, watch->queues, device->queue_count);
	else
		log_say(RTE_LOG_NOTICE, "device %s: the interface receives on %u queues now",
			device->config->text, watch->queues);
}

/* Logs the first of many changes at once, and the last as soon as log_may() allows. */
static void tell_changes(const struct device *device, struct device_watch *watch, double now)
{
	if (watch->told.is_known) {
		tell_name(device, watch, now);
		tell_mtu(device, watch, now);
		tell_mac(device, watch, now);
	}
	tell_queues(device, watch, now);
}

/* Notes what the log said of the device at the start. */
static void know_first(const struct device *device, struct device_told *told)
{
	if (told->is_known)
		return;
	told->is_known = true;
	snprintf(told->name, sizeof(told->name), "%s", device->name);
	told->link_mtu = device->link_mtu;
	told->mac = device->mac;
}

/* Warns of merged datagrams. Only those longer than the MTU are VERDICT_ETH_SUPERFRAME. */
static void watch_gathering(const struct device *device, struct device_watch *watch)
{
	const bool gathers = device->config->kind->superframes && interface_gathers(device->name);

	if (gathers && !watch->gathers)
		log_say(RTE_LOG_WARNING,
			"device %s: the kernel merges UDP datagrams into one frame (GRO), which "
			"udpechod echoes as one datagram, or drops: `ethtool -K %s "
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
			"frame (UDP GSO), which udpechod echoes as one datagram, or drops: use "
			"af_xdp, or there `ethtool -K PEER tx-udp-segmentation off`",
			device->config->text);
}

/* The argument of see(). */
struct look {
	struct watch *watch;
	double now;
};

static void see(const struct link *link, void *argument)
{
	const struct look *look = argument;
	struct watch *watch = look->watch;

	for (unsigned int i = 0; i < watch->runtime->device_count; i++) {
		struct device *device = &watch->runtime->devices[i];
		struct device_watch *seen = &watch->devices[i];

		if (device->interface != link->index || device->is_lost)
			continue;
		know_first(device, &seen->told);
		follow_name(device, link, seen, look->now);
		seen->has_old_policy |= follow_mtu(device, link, seen);
		seen->has_old_policy |= follow_mac(device, link, seen);
		watch_gathering(device, seen);
	}
}

static void ask_for_all(struct look *look)
{
	const struct runtime *runtime = look->watch->runtime;

	for (unsigned int i = 0; i < runtime->device_count; i++) {
		struct link link;

		if (runtime->devices[i].interface != 0 &&
			link_get(runtime->devices[i].interface, &link) == 0)
			see(&link, look);
	}
}

/* After `ethtool -L` the interface may receive on queues that we do not poll. */
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
	if (watch->queues != 0)
		counter_add(&watch->faults.changes, 1);
	else
		watch->told.queues = receive;
	watch->queues = receive;
	watch->has_other_queues = receive > device->queue_count;
}

/* Renews the policies of all devices at once. Without memory it tries again in the next round. */
static void renew_policies(struct watch *watch, double now)
{
	struct runtime *runtime = watch->runtime;
	struct policy_set *set;
	struct error error;

	if (policy_set_renew(&set, runtime, &error) < 0) {
		if (log_may(&watch->devices[0].policy_logged, now))
			log_say(RTE_LOG_ERR, "udpechod can't follow the change yet: %s",
				error.text);
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
			"cannot listen for changes of interfaces (rtnetlink: %s): udpechod asks "
			"for "
			"them instead",
			strerror(errno));
}

void changes_follow(struct watch *watch, double now)
{
	const struct runtime *runtime = watch->runtime;
	struct look look = {.watch = watch, .now = now};
	bool is_old = false;

	if (watch->changes == NULL || !link_monitor_read(watch->changes, see, &look))
		ask_for_all(&look);
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		const struct device *device = &runtime->devices[i];
		struct device_watch *seen = &watch->devices[i];

		if (!device->is_lost) {
			watch_queues(device, seen, now);
			tell_changes(device, seen, now);
		}
		is_old |= seen->has_old_policy;
	}
	if (is_old)
		renew_policies(watch, now);
}

void changes_end(struct watch *watch)
{
	link_monitor_close(watch->changes);
	watch->changes = NULL;
}
