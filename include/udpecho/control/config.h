/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration. Its functions check its form, but do not look at the machine. */
#ifndef UDPECHO_CONFIG_H
#define UDPECHO_CONFIG_H

#include <sched.h>
#include <stdio.h>

#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>
#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/idle.h>
#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>
#include <udpecho/packet/plain.h>

#define CONFIG_DEVICES_MAX 8

struct device_kind; /* device.h */

struct config_device {
	char *text; /* as the operator wrote it; NULL until -d is given */
	const struct device_kind *kind;
	char *name;   /* the text after the kind: an interface, a PCI address, a file, arguments */
	char *output; /* pcap: the file to write, or NULL */
	unsigned int address_count;
	struct ip_prefix addresses[IDENTITY_ADDRESSES_MAX];
	bool has_mac;
	struct mac_address mac;
	unsigned int mtu;    /* 0: that of the device */
	unsigned int queues; /* 0: one for each worker */
	bool from_file;      /* addresses of options replace the addresses that it has */
	char *place;         /* "FILE:LINE" of its section; NULL: an option gave the device */
	char *section;       /* the name of its section, such as "device uplink" */
};

/* Where a TCP server listens. */
struct config_endpoint {
	struct ip_address address;
	unsigned int port; /* 0: none */
};

/* Which partial UDP checksums we complete. */
enum partial_checksums {
	PARTIAL_AUTO, /* those of virtual links */
	PARTIAL_OFF,  /* none */
	PARTIAL_ON,   /* those of a capture too */
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
		blocked; /* source ports that never get a reply, besides those of identity.h */
	struct limits_config limits;
	unsigned int ttl; /* of replies */
	enum partial_checksums partial_checksums;
	char *acl_path; /* or NULL */
	struct acl_rule *acl;
	size_t acl_count;
	bool acl_is_open_ended;        /* the last line of its file has no line feed */
	const struct variant *variant; /* NULL: the start picks one */
	bool has_idle;                 /* otherwise the kind of each device decides */
	enum idle idle;
	unsigned int log_level; /* RTE_LOG_; 0: warnings offline, notices live */
	bool has_cores;
	cpu_set_t cores;
	struct config_endpoint http;
	enum report_format report;
	bool explain;
	bool no_probe;                   /* announce addresses without asking first who has them */
	size_t file_lines;               /* lines of the file that are not empty */
	const struct pulse *pulse;       /* of a reload, which must not wait for a file; or NULL */
	unsigned int eal_argument_count; /* of arguments that EAL gets unchanged */
	char **eal_arguments;
};

/** The name of each enum idle, as operators write it. */
extern const char *const idle_names[];

/** Sets the defaults: port 7, cores picked at the start, a text report, no device. */
void config_init(struct config *config);

/** Frees what CONFIG owns. */
void config_free(struct config *config);

enum setting_scope {
	SETTING_OF_APPLIANCE,
	SETTING_OF_DEVICE, /* of the last device, or of the first one to come */
};

/* What happens if a file or a command line has a setting again. */
enum setting_repeats {
	SETTING_ONCE,    /* in a file it is an error; of options the last one wins */
	SETTING_IS_LIST, /* in a file it continues the list; of options the last one wins */
	SETTING_ADDS,    /* it adds one more */
};

enum setting_change {
	SETTING_CHANGES_RELOAD, /* a reload changes it */
	SETTING_CHANGES_START,  /* only a restart changes it */
};

/* What an operator can set. An option and a key of the file have the same name. */
struct setting {
	const char *name;
	enum setting_scope scope;
	enum setting_repeats repeats;
	enum setting_change change;
	/**
	 * Takes TEXT, as an operator writes it. Returns 0, or -EINVAL with an error that says what
	 * is wrong with TEXT and how to write it.
	 */
	int (*set)(struct config *config, const char *text, struct error *error);
};

/** Returns all COUNT settings, in the order of settings.def. */
const struct setting *settings(unsigned int *count);

/** Returns the setting of that name, or NULL if there is none. */
const struct setting *setting_find(const char *name);

/**
 * Takes every setting of the file PATH. It does not wait for that file if config->pulse is set.
 * Returns 0, or -errno with an error that names the file and the line.
 */
int config_read_file(struct config *config, const char *path, struct error *error);

/** Removes all devices, so that others can take their place. */
void config_drop_devices(struct config *config);

/** Adds an argument for EAL. Returns 0, or -ENOMEM. */
int config_add_eal_argument(struct config *config, const char *text, struct error *error);

/** Checks that the settings fit together, after the last one is set. Returns 0, or -EINVAL. */
int config_finish(const struct config *config, struct error *error);

/** Whether DEVICE answers for an address of FAMILY. */
bool config_device_has(const struct config_device *device, enum ip_family family);

/** Writes the effective configuration in the form of the configuration file (--check). */
void config_print(const struct config *config, FILE *stream);

/**
 * Writes the setting number INDEX in the same form, from CONFIG, or from DEVICE if it is a setting
 * of devices. Writes nothing if the setting has a default that the file cannot express.
 */
void config_print_setting(const struct config *config, const struct config_device *device,
	unsigned int index, FILE *stream);

#endif
