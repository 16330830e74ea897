/* SPDX-License-Identifier: BSD-3-Clause */
#include <rte_random.h>

#include <udpecho/control/log.h>

#include "format.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"
#include "watch/claim.h"

/* RFC 5227 1.1, in seconds. We announce once: a station that missed it will ask. */
#define PROBE_WAIT    1.0
#define PROBE_NUM     3
#define PROBE_MIN     1.0
#define PROBE_MAX     2.0
#define ANNOUNCE_WAIT 2.0

static double random_up_to(double seconds)
{
	return seconds * (double)rte_rand_max(1000) / 1000;
}

static void ask(const struct runtime *runtime, unsigned int index, enum worker_request request)
{
	struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(runtime, i)) != NULL; i++)
		if (queue->device == index)
			worker_ask(queue, request);
}

/* Returns whether a worker saw another STATION with address NUMBER of the device. */
static bool find_station(const struct runtime *runtime, unsigned int index, unsigned int number,
	struct mac_address *station)
{
	const struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(runtime, i)) != NULL; i++)
		if (queue->device == index && arp_notes_station(&queue->arp_notes, number, station))
			return true;
	return false;
}

static void forget_stations(const struct runtime *runtime, unsigned int index)
{
	struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(runtime, i)) != NULL; i++)
		if (queue->device == index)
			arp_notes_forget_stations(&queue->arp_notes);
}

void claim_begin(struct watch *watch, unsigned int index, double now)
{
	struct device_claim *claim = &watch->devices[index].claim;

	if (watch->runtime->config->no_probe) {
		ask(watch->runtime, index, WORKER_REQUEST_ANNOUNCE);
		return;
	}
	forget_stations(watch->runtime, index);
	claim->is_probing = true;
	claim->probes = 0;
	claim->due = now + random_up_to(PROBE_WAIT);
}

void claim_renew(struct watch *watch, unsigned int index)
{
	if (!watch->devices[index].claim.is_probing)
		ask(watch->runtime, index, WORKER_REQUEST_ANNOUNCE);
}

static void go_on(struct watch *watch, unsigned int index, double now)
{
	struct device_claim *claim = &watch->devices[index].claim;

	if (claim->probes == PROBE_NUM) {
		claim->is_probing = false;
		ask(watch->runtime, index, WORKER_REQUEST_ANNOUNCE);
		return;
	}
	ask(watch->runtime, index, WORKER_REQUEST_PROBE);
	claim->due = now + (++claim->probes == PROBE_NUM
					   ? ANNOUNCE_WAIT
					   : PROBE_MIN + random_up_to(PROBE_MAX - PROBE_MIN));
}

/* Removes the addresses that other stations have from IDENTITY. Returns how many. */
static unsigned int refuse(
	const struct runtime *runtime, unsigned int index, struct identity *identity)
{
	unsigned int refused = 0;

	for (unsigned int i = identity->ipv4_count; i-- > 0;) {
		struct mac_address station;

		if (!find_station(runtime, index, i, &station))
			continue;
		log_say(RTE_LOG_ERR,
			"device %s: %s belongs to another station (%s): udpechod does not "
			"use it: remove it there and reload udpechod (SIGHUP), or start "
			"udpechod with --no-probe",
			runtime->devices[index].config->text,
			format_ipv4(identity->ipv4[i].address).text, format_mac(&station).text);
		identity_remove_ipv4(identity, i);
		refused++;
	}
	return refused;
}

static void give_up(struct watch *watch, unsigned int index)
{
	struct device_claim *claim = &watch->devices[index].claim;
	struct runtime *runtime = watch->runtime;
	struct policy_set *set;
	struct error error;

	if (policy_set_renew(&set, runtime, &error) < 0)
		return; /* the next round tries again */
	claim->refused += refuse(runtime, index, &set->policies[index].identity);
	workers_go_by(runtime, set);
	forget_stations(watch->runtime, index);
}

/* RFC 5227 2.4 allows one announcement in ten seconds, which is also the pace of the log. */
static void defend(struct watch *watch, unsigned int index, double now)
{
	const struct runtime *runtime = watch->runtime;
	const struct device *device = &runtime->devices[index];
	const struct identity *identity = &runtime->policies->policies[index].identity;

	if (!log_may(&watch->devices[index].claim.logged, now))
		return;
	for (unsigned int i = 0; i < identity->ipv4_count; i++) {
		struct mac_address station;

		if (find_station(runtime, index, i, &station))
			log_say(RTE_LOG_WARNING,
				"device %s: another station (%s) uses our address %s "
				"(arp_conflicts): udpechod announces it again",
				device->config->text, format_mac(&station).text,
				format_ipv4(identity->ipv4[i].address).text);
	}
	forget_stations(watch->runtime, index);
	ask(watch->runtime, index, WORKER_REQUEST_ANNOUNCE);
}

void claim_watch(struct watch *watch, unsigned int index, double now)
{
	const struct runtime *runtime = watch->runtime;
	const struct device_claim *claim = &watch->devices[index].claim;
	const unsigned int count = runtime->policies->policies[index].identity.ipv4_count;
	struct mac_address station;

	for (unsigned int i = 0; i < count; i++)
		if (find_station(runtime, index, i, &station)) {
			if (claim->is_probing)
				give_up(watch, index);
			else
				defend(watch, index, now);
			break;
		}
	if (claim->is_probing && now >= claim->due)
		go_on(watch, index, now);
}
