/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks what a start would refuse, without asking hardware. */
#include <udpecho/control/appliance.h>

#include "cores.h"
#include "device/eal.h"
#include "device/replay.h"
#include "signals.h"
#include "variant.h"

int appliance_check(const struct config *config, struct error *error)
{
	const struct pulse pulse = {signals_beat, NULL};
	cpu_set_t cores;
	int result = cores_pick(&cores, config, error);

	if (result < 0)
		return result;
	if (config->variant != NULL && variant_choose(config->variant, error) == NULL)
		return -EINVAL;
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];

		if (!device->kind->offline)
			continue;
		result = replay_check(device->name, device->output, &pulse, error);
		if (result < 0) {
			error_prefix(error, "device %s", device->text);
			return result;
		}
	}
	return eal_check(config, &cores, error);
}
