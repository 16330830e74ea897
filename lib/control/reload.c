/* SPDX-License-Identifier: BSD-3-Clause */
/* Another configuration for workers that are at work. */
#include <errno.h>
#include <string.h>

#include <udpecho/appliance.h>
#include <udpecho/log.h>

#include "policy_set.h"
#include "workers.h"

static void want_restart(const char *setting, const char *device)
{
	log_say(RTE_LOG_WARNING, "reload: %s%s%s: changed: takes effect with the next start",
		device, *device != '\0' ? ": " : "", setting);
}

/* Says what is not as it was when the appliance was started, and can't be changed as it runs. */
static void compare_devices(const struct config *old, const struct config *new)
{
	for (unsigned int i = 0; i < RTE_MIN(old->device_count, new->device_count); i++) {
		const struct config_device *a = &old->devices[i], *b = &new->devices[i];

		if (strcmp(a->text, b->text) != 0)
			want_restart("device", b->text);
		else if (a->has_mac != b->has_mac || (a->has_mac && !mac_equal(&a->mac, &b->mac)))
			want_restart("mac", a->text);
		else if (a->mtu != b->mtu)
			want_restart("mtu", a->text);
		else if (a->queues != b->queues)
			want_restart("queues", a->text);
	}
	for (unsigned int i = new->device_count; i < old->device_count; i++)
		want_restart("device left out", old->devices[i].text);
	for (unsigned int i = old->device_count; i < new->device_count; i++)
		want_restart("device", new->devices[i].text);
}

static void compare(const struct config *old, const struct config *new)
{
	if (old->has_cores != new->has_cores ||
		(new->has_cores && !CPU_EQUAL(&old->cores, &new->cores)))
		want_restart("cores", "");
	if (old->variant != new->variant)
		want_restart("variant", "");
	if (old->has_idle != new->has_idle || (new->has_idle && old->idle != new->idle))
		want_restart("idle", "");
	if (old->log_level != new->log_level)
		want_restart("log-level", "");
	if (old->http.port != new->http.port || !be32_equal(old->http.address, new->http.address))
		want_restart("http", "");
	if (old->report != new->report)
		want_restart("report", "");
	compare_devices(old, new);
}

static bool has_same_addresses(const struct identity *a, const struct identity *b)
{
	if (a->address_count != b->address_count)
		return false;
	for (unsigned int i = 0; i < a->address_count; i++)
		if (!be32_equal(a->addresses[i].address, b->addresses[i].address))
			return false;
	return true;
}

int appliance_reload(struct appliance *appliance, const struct config *config, struct error *error)
{
	struct policy_set *old = appliance->policies, *new;
	int result;

	result = policy_set_create(&new, appliance, config, error);
	if (result < 0)
		return result;
	for (unsigned int i = 0; i < appliance->worker_count; i++)
		for (unsigned int j = 0; j < appliance->workers[i]->queue_count; j++) {
			struct worker_queue *queue = &appliance->workers[i]->queues[j];

			worker_set_policy(queue, &new->policies[queue->device]);
		}
	/* Nobody who holds the lock goes by the old from here on. */
	pthread_mutex_lock(&appliance->policies_lock);
	old->newer = new;
	appliance->policies = new;
	pthread_mutex_unlock(&appliance->policies_lock);
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (!has_same_addresses(&old->policies[i].identity, &new->policies[i].identity) &&
			appliance->devices[i].replay == NULL)
			appliance_announce(appliance, i);
	if (workers_wait(appliance))
		policy_sets_free_until(appliance, new);
	else
		log_say(RTE_LOG_WARNING, "reload: a worker stands still: what it goes by is kept");
	compare(appliance->config, config);
	return 0;
}
