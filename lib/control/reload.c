/* SPDX-License-Identifier: BSD-3-Clause */
/* Applies a new configuration while the workers work. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <udpecho/control/log.h>

#include "appliance_parts.h"
#include "monitor/service.h"
#include "runtime/policy_set.h"
#include "runtime/workers.h"
#include "signals.h"
#include "watch/claim.h"
#include "watch/look.h"

static void want_restart(const char *setting, const char *device)
{
	log_say(RTE_LOG_WARNING, "reload: %s%s%s: changed: restart udpechod to apply it", device,
		*device != '\0' ? ": " : "", setting);
}

/* Returns the setting as --check prints it, which the caller frees; or NULL without memory. */
static char *print_setting(
	const struct config *config, const struct config_device *device, unsigned int index)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		return NULL;
	config_print_setting(config, device, index, stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* Without memory it says that they differ: at worst the log asks for a restart in vain. */
static bool has_same_setting(const struct config *old, const struct config_device *old_device,
	const struct config *new, const struct config_device *new_device, unsigned int index)
{
	char *before = print_setting(old, old_device, index);
	char *after = print_setting(new, new_device, index);
	const bool is_same = before != NULL && after != NULL && strcmp(before, after) == 0;

	free(before);
	free(after);
	return is_same;
}

/* Logs which settings have changed and need a restart: of two devices, or of the appliance if both
 * are NULL. */
static void compare_settings(const struct config *old, const struct config_device *old_device,
	const struct config *new, const struct config_device *new_device)
{
	const enum setting_scope scope =
		old_device != NULL ? SETTING_OF_DEVICE : SETTING_OF_APPLIANCE;
	unsigned int count;
	const struct setting *rows = settings(&count);

	for (unsigned int i = 0; i < count; i++)
		if (rows[i].scope == scope && rows[i].change == SETTING_CHANGES_START &&
			!has_same_setting(old, old_device, new, new_device, i))
			want_restart(rows[i].name, old_device != NULL ? old_device->text : "");
}

static const struct config_device *find_device(const struct config *config, const char *text)
{
	for (unsigned int i = 0; i < config->device_count; i++)
		if (strcmp(config->devices[i].text, text) == 0)
			return &config->devices[i];
	return NULL;
}

/* Logs what has changed since the start and needs a restart. */
static void compare(const struct config *old, const struct config *new)
{
	compare_settings(old, NULL, new, NULL);
	for (unsigned int i = 0; i < old->device_count; i++) {
		const struct config_device *other = find_device(new, old->devices[i].text);

		if (other == NULL)
			want_restart("device left out", old->devices[i].text);
		else
			compare_settings(old, &old->devices[i], new, other);
	}
	for (unsigned int i = 0; i < new->device_count; i++)
		if (find_device(old, new->devices[i].text) == NULL)
			want_restart("device", new->devices[i].text);
}

static bool has_same_addresses(const struct identity *a, const struct identity *b)
{
	if (a->address_count != b->address_count)
		return false;
	for (unsigned int i = 0; i < a->address_count; i++)
		if (!ip_address_equal(a->addresses[i], b->addresses[i]))
			return false;
	return true;
}

/*
 * A file can lose its content in a power cut, or while an editor writes it. That must not open the
 * service to everybody: an operator who wants that has to write it.
 */
static int check_nothing_lost(
	const struct policy_set *old, const struct config *config, struct error *error)
{
	if (old->file_lines > 0 && config->file_lines == 0)
		return error_set(error, EINVAL,
			"the configuration file no longer has any setting: write it again");
	if (config->acl_path != NULL && config->acl_count == 0 && old->acl_count > 0)
		return error_set(error, EINVAL,
			"acl %s: it no longer has any rule: to allow everybody, write `allow "
			"0.0.0.0/0`",
			config->acl_path);
	return 0;
}

/* Is the beat of a struct pulse. It watches, and feeds systemd's watchdog, during a reload. */
static int beat(void *caller, struct error *error)
{
	struct appliance *appliance = caller;
	const double now = clock_now();

	watch_all(&appliance->watch, now);
	service_tell(&appliance->view, now);
	return signals_beat(caller, error);
}

static int apply(struct appliance *appliance, const struct config *config, struct error *error)
{
	const struct pulse pulse = {beat, appliance};
	struct runtime *runtime = &appliance->runtime;
	const struct policy_set *old;
	struct policy_set *new;
	bool is_other[CONFIG_DEVICES_MAX];
	int result = check_nothing_lost(runtime->policies, config, error);

	if (result < 0)
		return result;
	result = policy_set_create(&new, runtime, config, &pulse, error);
	if (result < 0)
		return result;
	old = runtime->policies; /* not earlier: what beat() watches may have replaced them */
	for (unsigned int i = 0; i < runtime->device_count; i++) {
		appliance->watch.devices[i].claim.refused = 0;
		is_other[i] =
			!has_same_addresses(&old->policies[i].identity, &new->policies[i].identity);
	}
	if (!workers_go_by(runtime, new))
		log_say(RTE_LOG_WARNING, "reload: a worker is stalled: it keeps the old "
					 "configuration until it polls again");
	for (unsigned int i = 0; i < runtime->device_count; i++)
		if (is_other[i] && runtime->devices[i].replay == NULL)
			claim_begin(&appliance->watch, i, clock_now());
	compare(runtime->config, config);
	return 0;
}

struct pulse appliance_begin_reload(struct appliance *appliance)
{
	service_reloading();
	return (struct pulse){beat, appliance};
}

int appliance_reload(struct appliance *appliance, const struct config *config, struct error *error)
{
	const int result = apply(appliance, config, error);

	if (result < 0) {
		appliance_refuse_reload(appliance, error->text);
		return result;
	}
	counter_add(&appliance->reloads.done, 1);
	log_say(RTE_LOG_NOTICE, "reloaded");
	service_reloaded(NULL);
	return 0;
}

void appliance_refuse_reload(struct appliance *appliance, const char *why)
{
	counter_add(&appliance->reloads.refused, 1);
	log_say(RTE_LOG_ERR, "reload refused, the old configuration stays in effect: %s", why);
	service_reloaded(why);
}
