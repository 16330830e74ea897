/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of the appliance: start, wait, reload, stop, report. appliance.c says who starts whom.
 */
#ifndef UDPECHO_APPLIANCE_H
#define UDPECHO_APPLIANCE_H

#include <stdio.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>

struct appliance;
struct device;

/**
 * Checks whether appliance_start() would find what CONFIG asks for: cores, instructions, captures
 * and EAL's arguments, but no devices other than captures. It changes nothing. Returns 0, or -errno
 * as appliance_start() would.
 */
int appliance_check(const struct config *config, struct error *error);

/**
 * Starts an appliance: brings up DPDK and the devices, and starts the workers. From here on SIGINT,
 * SIGTERM and SIGHUP are held for appliance_wait(). CONFIG must stay until appliance_release().
 * Returns 0, or -errno after it has undone everything; -ECANCELED: a signal told it to stop.
 */
int appliance_start(struct appliance **appliance, const struct config *config, struct error *error);

/* Why appliance_wait() returned. */
enum appliance_event {
	APPLIANCE_STOP,   /* SIGINT or SIGTERM; offline: the end of every capture */
	APPLIANCE_RELOAD, /* SIGHUP */
	APPLIANCE_LOST,   /* no device is left */
};

/** Watches devices and workers until the caller has to do something. */
enum appliance_event appliance_wait(struct appliance *appliance);

/**
 * Tells systemd that the caller reads the configuration again. Returns the pulse for that: it
 * watches devices and workers, and says when a signal tells the appliance to stop. Call one of the
 * next two functions after it.
 */
struct pulse appliance_begin_reload(struct appliance *appliance);

/**
 * Gives CONFIG to the workers, for their next bursts, in everything that can change while they
 * work: addresses, ports, lists, limits, TTL. It logs what needs a restart, and leaves that as it
 * is. Returns 0; or -errno if there is no memory for both configurations or a signal says to stop,
 * and keeps the old one. It counts and logs either. The caller may free CONFIG then.
 */
int appliance_reload(struct appliance *appliance, const struct config *config, struct error *error);

/** Counts and logs that the configuration could not be read, and WHY. */
void appliance_refuse_reload(struct appliance *appliance, const char *why);

/** Returns the first device that was lost while others went on, or NULL. */
const struct device *appliance_lost_device(const struct appliance *appliance);

/**
 * Stops the workers, which finish what they hold, and closes the devices. The counters stay for
 * the report. Returns 0, or -errno of the first thing that went wrong after it has stopped all the
 * same. -ETIMEDOUT: a worker hangs in its driver, so that nothing can be closed or freed.
 */
int appliance_stop(struct appliance *appliance, struct error *error);

/** Writes the report of the stopped APPLIANCE in the configured format. Returns 0, or -errno. */
int appliance_report(const struct appliance *appliance, FILE *stream, struct error *error);

/** Frees APPLIANCE and DPDK's memory, unless a worker did not stop and may still use them. */
void appliance_release(struct appliance *appliance);

#endif
