/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "settings.h"
#include "suite.h"

static const struct {
	const char *key;
	int (*set)(struct config *config, const char *text, struct error *error);
} setters[] = {
	{"device", config_set_device},
	{"address", config_set_address},
	{"mac", config_set_mac},
	{"mtu", config_set_mtu},
	{"udp-port", config_set_ports},
	{"block-source-port", config_set_blocked_ports},
	{"acl", config_set_acl},
	{"rate-limit", config_set_rate_limit},
	{"rate-limit-prefix", config_set_rate_limit_prefix},
	{"icmp-arp-rate-limit", config_set_icmp_arp_rate_limit},
	{"icmp-unreachable", config_set_unreachable},
	{"partial-checksums", config_set_partial_checksums},
	{"variant", config_set_variant},
	{"cores", config_set_cores},
	{"report", config_set_report},
};

int setting_apply(struct config *config, const char *key, const char *text, struct error *error)
{
	for (size_t i = 0; i < COUNT(setters); i++)
		if (strcmp(setters[i].key, key) == 0)
			return setters[i].set(config, text, error);
	fail_msg("%s: no such setting", key);
	return -EINVAL;
}
