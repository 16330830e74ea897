/* SPDX-License-Identifier: BSD-3-Clause */
/* What the operator asked for, checked for form but not against the machine. */
#ifndef UDPECHO_CONFIG_H
#define UDPECHO_CONFIG_H

#include <sched.h>
#include <stdio.h>

#include <udpecho/control/error.h>
#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/idle.h>
#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>
#include <udpecho/packet/plain.h>

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
	unsigned int mtu;    /* 0: the device's own */
	unsigned int queues; /* 0: as many as workers */
	bool from_file;      /* addresses given as options replace its own */
	char *place;         /* "FILE:LINE" of its section; NULL: given as an option */
	char *section;       /* its name there, such as "device uplink" */
};

/* Of a TCP server. */
struct config_endpoint {
	be32_t address;
	unsigned int port; /* 0: none */
};

/* Which partial UDP checksums are finished. */
enum partial_checksums {
	PARTIAL_AUTO, /* those of virtual links */
	PARTIAL_OFF,  /* none */
	PARTIAL_ON,   /* also those of a capture */
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
	unsigned int ttl; /* of replies */
	enum partial_checksums partial_checksums;
	char *acl_path; /* or NULL */
	struct acl_rule *acl;
	size_t acl_count;
	bool acl_is_open_ended;        /* its last line has no end */
	const struct variant *variant; /* NULL: picked at start */
	bool has_idle;                 /* or that of the kinds of device */
	enum idle idle;
	unsigned int log_level; /* RTE_LOG_; 0: warnings offline, notices live */
	bool has_cores;
	cpu_set_t cores;
	struct config_endpoint http;
	enum report_format report;
	bool explain;
	bool no_probe;     /* addresses are announced without asking first who has them */
	size_t file_lines; /* of the file, that hold something */
	bool is_reload;    /* read while it runs, so that no file is waited for */
	unsigned int eal_argument_count; /* for EAL, as they are */
	char **eal_arguments;
};

/** Of each enum idle, as operators write it. */
extern const char *const idle_names[];

/** Defaults: port 7, cores picked at start, a text report, no device. */
void config_init(struct config *config);

/** Frees what the config owns. */
void config_free(struct config *config);

enum setting_scope {
	SETTING_OF_APPLIANCE,
	SETTING_OF_DEVICE, /* of the last device, or the first to come */
};

/* What it means that a setting stands in a file, or on a command line, once more. */
enum setting_repeats {
	SETTING_ONCE,    /* in a file: an error; as an option: the last one wins */
	SETTING_IS_LIST, /* in a file: the list goes on; as an option: the last one wins */
	SETTING_ADDS,    /* one more */
};

enum setting_change {
	SETTING_CHANGES_RELOAD, /* takes effect with a reload */
	SETTING_CHANGES_START,  /* with the next start alone */
};

/* What an operator can set: by this name as an option, and by the same in a file. */
struct setting {
	const char *name;
	enum setting_scope scope;
	enum setting_repeats repeats;
	enum setting_change change;
	/**
	 * Takes TEXT, as an operator writes it. 0, or -EINVAL with an error that says what is
	 * wrong with it and how it should look.
	 */
	int (*set)(struct config *config, const char *text, struct error *error);
};

/** Every setting there is, COUNT of them, in the order of settings.def. */
const struct setting *settings(unsigned int *count);

/** The setting of that name; NULL: there is none. */
const struct setting *setting_find(const char *name);

/** Takes every setting of the file PATH, which is not waited for where config->is_reload. 0, or
 * -errno with an error that names file and line. */
int config_read_file(struct config *config, const char *path, struct error *error);

/** Forgets all devices, so that others can take their place. */
void config_drop_devices(struct config *config);

/** Adds an argument for EAL. 0 or -ENOMEM. */
int config_add_eal_argument(struct config *config, const char *text, struct error *error);

/** Whether the settings make sense together: 0, or -EINVAL. To be called once after the last. */
int config_finish(const struct config *config, struct error *error);

/** Writes the effective configuration in the form of the configuration file (--check). */
void config_print(const struct config *config, FILE *stream);

/**
 * Writes what CONFIG, or where the setting is a device's, DEVICE has for the setting number INDEX,
 * in that form too. Nothing where it has its default and the file has no word for that.
 */
void config_print_setting(const struct config *config, const struct config_device *device,
	unsigned int index, FILE *stream);

#endif
