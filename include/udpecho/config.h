/* SPDX-License-Identifier: BSD-3-Clause */
/* What the operator asked for, checked for form but not against the machine. */
#ifndef UDPECHO_CONFIG_H
#define UDPECHO_CONFIG_H

#include <sched.h>
#include <stdio.h>

#include <udpecho/acl.h>
#include <udpecho/error.h>
#include <udpecho/identity.h>
#include <udpecho/limits.h>
#include <udpecho/plain.h>

#define CONFIG_DEVICES_MAX 8

struct device_kind; /* device.h */

struct config_address {
	be32_t address;
	unsigned int prefix_length;
};

struct config_device {
	char *text; /* as the operator wrote it; NULL until -d is given */
	const struct device_kind *kind;
	char *name;   /* what follows the kind: an interface, a PCI address, a file, arguments */
	char *output; /* pcap: the file to write, or NULL */
	unsigned int address_count;
	struct config_address addresses[IDENTITY_ADDRESSES_MAX];
	bool has_mac;
	struct mac_address mac;
	unsigned int mtu; /* 0: the device's own */
};

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
};

struct config {
	unsigned int device_count;
	struct config_device devices[CONFIG_DEVICES_MAX];
	struct port_set ports; /* served */
	struct port_set
		blocked; /* source ports never answered, besides those that identity.h has */
	struct limits_config limits;
	bool partial_checksums; /* finish those of virtual links */
	char *acl_path;         /* or NULL */
	struct acl_rule *acl;
	size_t acl_count;
	const struct variant *variant; /* NULL: picked at start */
	bool has_cores;
	cpu_set_t cores;
	enum report_format report;
	bool explain;
	int eal_argument_count; /* what follows `--` */
	char **eal_arguments;
};

/** Defaults: port 7, cores picked at start, a text report, no device. */
void config_init(struct config *config);

/** Frees what the config owns. */
void config_free(struct config *config);

/*
 * One setting each, as an operator writes it. They return 0, or -EINVAL with an error that says
 * what is wrong with TEXT and how it should look. -a, -m and --mtu that come before the first -d
 * belong to it as well.
 */
int config_set_device(struct config *config, const char *text, struct error *error);
int config_set_address(struct config *config, const char *text, struct error *error);
int config_set_mac(struct config *config, const char *text, struct error *error);
int config_set_ports(struct config *config, const char *text, struct error *error);
int config_set_blocked_ports(struct config *config, const char *text, struct error *error);
int config_set_acl(struct config *config, const char *text, struct error *error);
int config_set_rate_limit(struct config *config, const char *text, struct error *error);
int config_set_rate_limit_prefix(struct config *config, const char *text, struct error *error);
int config_set_icmp_arp_rate_limit(struct config *config, const char *text, struct error *error);
int config_set_unreachable(struct config *config, const char *text, struct error *error);
int config_set_partial_checksums(struct config *config, const char *text, struct error *error);
int config_set_mtu(struct config *config, const char *text, struct error *error);
int config_set_variant(struct config *config, const char *text, struct error *error);
int config_set_cores(struct config *config, const char *text, struct error *error);
int config_set_report(struct config *config, const char *text, struct error *error);

/** Whether the settings make sense together: 0, or -EINVAL. To be called once after the last. */
int config_finish(const struct config *config, struct error *error);

/** Writes the effective configuration in the form of the configuration file (--check). */
void config_print(const struct config *config, FILE *stream);

#endif
