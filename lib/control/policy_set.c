/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "policy_set.h"

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
	       a->prefix_length == b->prefix_length;
}

/* What CONFIG has for the device; NULL: nothing. */
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

struct policy_set *policy_set_create(const struct device devices[], unsigned int count,
	const struct config *config, const struct policy_set *previous, struct error *error)
{
	struct policy_set *set = rte_zmalloc("policies", sizeof(*set), RTE_CACHE_LINE_SIZE);

	if (set == NULL) {
		error_set(error, ENOMEM, "no memory for the policies");
		return NULL;
	}
	set->limits = config->limits;
	if (config->acl_path != NULL) {
		set->acl = acl_create(config->acl, config->acl_count, SOCKET_ID_ANY);
		if (set->acl == NULL) {
			error_set(error, ENOMEM, "acl %s: no memory for %zu rules",
				config->acl_path, config->acl_count);
			policy_set_free(set, previous);
			return NULL;
		}
	}
	for (unsigned int i = 0; i < count; i++)
		if (fill(set, i, &devices[i], config, previous, error) < 0) {
			policy_set_free(set, previous);
			return NULL;
		}
	return set;
}

void policy_set_free(struct policy_set *set, const struct policy_set *keeper)
{
	if (set == NULL)
		return;
	for (unsigned int i = 0; i < CONFIG_DEVICES_MAX; i++)
		if (keeper == NULL || set->policies[i].limits != keeper->policies[i].limits)
			rte_free(set->policies[i].limits);
	acl_free(set->acl);
	rte_free(set);
}
