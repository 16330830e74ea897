/* SPDX-License-Identifier: BSD-3-Clause */
/* Another configuration for workers that are at work. */
#include <errno.h>
#include <string.h>

#include <udpecho/appliance.h>
#include <udpecho/log.h>

#include "claim.h"
#include "policy_set.h"
#include "workers.h"

static void want_restart(const char *setting, const char *device)
{
	log_say(RTE_LOG_WARNING, "reload: %s%s%s: changed: takes effect with the next start",
		device, *device != '\0' ? ": " : "", setting);
}

static const struct config_device *find_device(const struct config *config, const char *text)
{
	for (unsigned int i = 0; i < config->device_count; i++)
		if (strcmp(config->devices[i].text, text) == 0)
			return &config->devices[i];
	return NULL;
}

static void compare_device(const struct config_device *old, const struct config_device *new)
{
	if (old->has_mac != new->has_mac || (old->has_mac && !mac_equal(&old->mac, &new->mac)))
		want_restart("mac", old->text);
	if (old->mtu != new->mtu)
		want_restart("mtu", old->text);
	if (old->queues != new->queues)
		want_restart("queues", old->text);
}

/* Says what is not as it was when the appliance was started, and can't be changed as it runs. */
static void compare_devices(const struct config *old, const struct config *new)
{
	for (unsigned int i = 0; i < old->device_count; i++) {
		const struct config_device *other = find_device(new, old->devices[i].text);

		if (other == NULL)
			want_restart("device left out", old->devices[i].text);
		else
			compare_device(&old->devices[i], other);
	}
	for (unsigned int i = 0; i < new->device_count; i++)
		if (find_device(old, new->devices[i].text) == NULL)
			want_restart("device", new->devices[i].text);
}

static bool has_same_eal_arguments(const struct config *a, const struct config *b)
{
	if (a->eal_argument_count != b->eal_argument_count)
		return false;
	for (unsigned int i = 0; i < a->eal_argument_count; i++)
		if (strcmp(a->eal_arguments[i], b->eal_arguments[i]) != 0)
			return false;
	return true;
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
	if (old->explain != new->explain)
		want_restart("explain", "");
	if (old->no_probe != new->no_probe)
		want_restart("no-probe", "");
	if (!has_same_eal_arguments(old, new))
		want_restart("eal-argument", "");
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

/*
 * A file that lost what it held, in a power cut or while an editor writes it, must not open what
 * was closed. Whoever wants that says so.
 */
static int check_nothing_lost(
	const struct policy_set *old, const struct config *config, struct error *error)
{
	if (old->file_lines > 0 && config->file_lines == 0)
		return error_set(error, EINVAL,
			"the configuration file holds no setting any more: write it again");
	if (config->acl_path != NULL && config->acl_count == 0 && old->acl_count > 0)
		return error_set(error, EINVAL,
			"acl %s: it holds no rule any more: to allow everybody, write `allow "
			"0.0.0.0/0`",
			config->acl_path);
	return 0;
}

int appliance_reload(struct appliance *appliance, const struct config *config, struct error *error)
{
	struct policy_set *old = appliance->policies, *new;
	bool is_other[CONFIG_DEVICES_MAX];
	int result = check_nothing_lost(old, config, error);

	if (result < 0)
		return result;
	result = policy_set_create(&new, appliance, config, error);
	if (result < 0)
		return result;
	for (unsigned int i = 0; i < appliance->config->device_count; i++) {
		appliance->devices[i].claim.refused = 0;
		is_other[i] =
			!has_same_addresses(&old->policies[i].identity, &new->policies[i].identity);
	}
	if (!workers_go_by(appliance, new))
		log_say(RTE_LOG_WARNING, "reload: a worker stands still: what it goes by is kept");
	for (unsigned int i = 0; i < appliance->config->device_count; i++)
		if (is_other[i] && appliance->devices[i].replay == NULL)
			claim_begin(appliance, i, clock_now());
	compare(appliance->config, config);
	return 0;
}
