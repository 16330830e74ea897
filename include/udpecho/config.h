/* SPDX-License-Identifier: BSD-3-Clause */
/* What the operator asked for, checked for form but not against the machine. */
#ifndef UDPECHO_CONFIG_H
#define UDPECHO_CONFIG_H

#include <sched.h>
#include <stdio.h>

#include <udpecho/error.h>
#include <udpecho/identity.h>

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
};

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
};

struct config {
	unsigned int device_count;
	struct config_device devices[CONFIG_DEVICES_MAX];
	struct port_set ports;
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
 * what is wrong with TEXT and how it should look. -a and -m that come before the first -d belong
 * to it as well.
 */
int config_set_device(struct config *config, const char *text, struct error *error);
int config_set_address(struct config *config, const char *text, struct error *error);
int config_set_mac(struct config *config, const char *text, struct error *error);
int config_set_ports(struct config *config, const char *text, struct error *error);
int config_set_cores(struct config *config, const char *text, struct error *error);
int config_set_report(struct config *config, const char *text, struct error *error);

/** Whether the settings make sense together: 0, or -EINVAL. To be called once after the last. */
int config_finish(const struct config *config, struct error *error);

/** Writes the effective configuration in the form of the configuration file (--check). */
void config_print(const struct config *config, FILE *stream);

#endif
