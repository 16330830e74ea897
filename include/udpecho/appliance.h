/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of the appliance: start, wait, stop. The order of start-up is in appliance_start(). */
#ifndef UDPECHO_APPLIANCE_H
#define UDPECHO_APPLIANCE_H

#include <udpecho/acl.h>
#include <udpecho/config.h>
#include <udpecho/device.h>
#include <udpecho/error.h>
#include <udpecho/explain.h>
#include <udpecho/worker.h>

#define APPLIANCE_WORKERS_MAX 64

struct appliance {
	const struct config *config;
	cpu_set_t cores; /* that poll */
	const struct variant *variant;
	struct device devices[CONFIG_DEVICES_MAX];
	unsigned int worker_count;
	struct worker *workers[APPLIANCE_WORKERS_MAX];
	struct acl *acl; /* or NULL */
	struct explain explain;
	double started; /* seconds of the monotonic clock */
	double stopped;
};

/**
 * Starts it: looks at the machine, brings up DPDK and the devices, and sets the workers going.
 * From here on SIGINT and SIGTERM are held for appliance_wait(). On an error all that was done is
 * undone, and -errno returned.
 */
int appliance_start(struct appliance *appliance, const struct config *config, struct error *error);

/** Waits for SIGINT or SIGTERM or, offline, for the end of every capture. */
void appliance_wait(struct appliance *appliance);

/**
 * Stops the workers, which finish what they hold, and closes the devices. The counters stay for
 * the report. 0, or -errno of the first thing that went wrong; everything is stopped all the same.
 */
int appliance_stop(struct appliance *appliance, struct error *error);

/** Frees what is left, and DPDK's memory with it. */
void appliance_release(struct appliance *appliance);

#endif
