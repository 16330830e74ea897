/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include <udpecho/control/log.h>

#include "runtime/policy_set.h"

#define RULES_AT_ONCE 256

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* on runtime->policies */

static bool has_limits(const struct limits_config *limits)
{
	return limits->echo.per_second + limits->icmp_arp.per_second +
		       limits->unreachable.per_second >
	       0;
}

static bool has_same_limits(const struct limits_config *a, const struct limits_config *b)
{
	return memcmp(&a->echo, &b->echo, sizeof(a->echo)) == 0 &&
	       memcmp(&a->icmp_arp, &b->icmp_arp, sizeof(a->icmp_arp)) == 0 &&
	       memcmp(&a->unreachable, &b->unreachable, sizeof(a->unreachable)) == 0 &&
	       a->prefix_length == b->prefix_length && a->prefix6_length == b->prefix6_length;
}

/* Returns the settings for DEVICE in CONFIG, or NULL. */
static const struct config_device *find(const struct config *config, const struct device *device)
{
	for (unsigned int i = 0; i < config->device_count; i++)
		if (strcmp(config->devices[i].text, device->config->text) == 0)
			return &config->devices[i];
	return NULL;
}

static int fill(struct policy_set *set, unsigned int index, const struct device *device,
	const struct config *config, const struct policy_set *previous, struct error *error)
{
	struct policy *policy = &set->policies[index];
	const struct config_device *own = find(config, device);

	device_identify(device, own != NULL ? own : device->config, config, &policy->identity);
	policy->mtu = device->mtu;
	if (set->acl != NULL) {
		policy->identity.source_is_allowed = acl_allows;
		policy->identity.acl = set->acl;
	}
	if (!has_limits(&set->limits))
		return 0;
	if (previous != NULL && has_same_limits(&previous->limits, &set->limits)) {
		policy->limits = previous->policies[index].limits;
		return 0;
	}
	policy->limits = limits_create(
		&set->limits, device_clock(device), device_key(device), device_node(device));
	return policy->limits != NULL ? 0
				      : error_set(error, ENOMEM, "no memory for the rate limits");
}

/* Says so if CONFIG has addresses of FAMILY, and rules that are all about the other family. */
static void say_unlisted(const struct config *config, enum ip_family family)
{
	bool is_served = false;

	for (unsigned int i = 0; i < config->device_count; i++)
		is_served |= config_device_has(&config->devices[i], family);
	for (size_t i = 0; i < config->acl_count && is_served; i++)
		is_served = ip_address_family(config->acl[i].prefix.address) != family;
	if (is_served && config->acl_count > 0)
		log_say(RTE_LOG_NOTICE,
			"acl %s: no rule is about IPv%d, so all its sources are allowed: to allow "
			"none, write `deny %s`",
			config->acl_path, family, family == IP_FAMILY_IPV4 ? "0.0.0.0/0" : "::/0");
}

/* Adds some rules at a time, because all of them may take seconds. */
static int make_acl(struct policy_set *set, const struct config *config, const struct pulse *pulse,
	struct error *error)
{
	int result;

	set->acl = acl_create(config->acl, config->acl_count, SOCKET_ID_ANY);
	result = set->acl != NULL ? 0 : -ENOMEM;
	if (config->acl_count == 0)
		log_say(RTE_LOG_NOTICE, "acl %s: it has no rule: everybody is allowed",
			config->acl_path);
	say_unlisted(config, IP_FAMILY_IPV4);
	say_unlisted(config, IP_FAMILY_IPV6);
	/* If the file is cut off, "deny 10.0.0.0/16" may have become "deny 10.0.0.0/1". */
	if (config->acl_is_open_ended)
		log_say(RTE_LOG_NOTICE,
			"acl %s: its last line has no line end: check whether the file is complete",
			config->acl_path);
	for (size_t i = 0; i < config->acl_count && result == 0; i += RULES_AT_ONCE) {
		result = acl_add(set->acl, &config->acl[i],
			RTE_MIN(config->acl_count - i, (size_t)RULES_AT_ONCE));
		if (result == 0)
			result = pulse_beat(pulse, error);
	}
	if (result == -ENOMEM)
		error_set(error, ENOMEM, "acl %s: no memory for %zu rules", config->acl_path,
			config->acl_count);
	return result;
}

int policy_set_create(struct policy_set **set, const struct runtime *runtime,
	const struct config *config, const struct pulse *pulse, struct error *error)
{
	struct policy_set *new = rte_zmalloc("policies", sizeof(*new), RTE_CACHE_LINE_SIZE);
	int result = 0;

	if (new == NULL)
		return error_set(error, ENOMEM, "no memory for the policies");
	new->limits = config->limits;
	new->acl_count = config->acl_count;
	new->file_lines = config->file_lines;
	if (config->acl_path != NULL)
		result = make_acl(new, config, pulse, error);
	for (unsigned int i = 0; i < runtime->device_count && result == 0; i++)
		result = fill(new, i, &runtime->devices[i], config, runtime->policies, error);
	if (result < 0)
		policy_set_free(new, runtime->policies);
	else
		*set = new;
	return result;
}

void policy_set_free(struct policy_set *set, const struct policy_set *keeper)
{
	if (set == NULL)
		return;
	for (unsigned int i = 0; i < CONFIG_DEVICES_MAX; i++)
		if (keeper == NULL || set->policies[i].limits != keeper->policies[i].limits)
			rte_free(set->policies[i].limits);
	if (keeper == NULL || set->acl != keeper->acl)
		acl_free(set->acl);
	rte_free(set);
}

int policy_set_renew(struct policy_set **set, const struct runtime *runtime, struct error *error)
{
	struct policy_set *new = rte_malloc("policies", sizeof(*new), RTE_CACHE_LINE_SIZE);

	if (new == NULL)
		return error_set(error, ENOMEM, "no memory for the policies");
	*new = *runtime->policies;
	new->newer = NULL;
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		new->policies[i].identity.mac = runtime->devices[i].mac;
		new->policies[i].mtu = runtime->devices[i].mtu;
		if (new->policies[i].identity.link_mtu != 0)
			new->policies[i].identity.link_mtu = runtime->devices[i].link_mtu;
	}
	*set = new;
	return 0;
}

void policy_set_replace(struct runtime *runtime, struct policy_set *set)
{
	struct policy_set *old = runtime->policies;

	/* From here on nobody who takes the lock gets the old set. */
	pthread_mutex_lock(&lock);
	old->newer = set;
	runtime->policies = set;
	pthread_mutex_unlock(&lock);
}

const struct policy_set *policy_set_hold(const struct runtime *runtime)
{
	pthread_mutex_lock(&lock);
	return runtime->policies;
}

void policy_set_let_go(void)
{
	pthread_mutex_unlock(&lock);
}

/* Frees the oldest first: buckets that two sets share belong to the next one as well. */
void policy_sets_free_until(struct runtime *runtime, const struct policy_set *set)
{
	struct policy_set *oldest;

	while ((oldest = runtime->oldest) != set) {
		runtime->oldest = oldest->newer;
		policy_set_free(oldest, oldest->newer);
	}
}
