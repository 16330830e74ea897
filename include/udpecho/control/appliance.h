/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of the appliance: start, wait, stop. The order of start-up is in appliance_start(). */
#ifndef UDPECHO_APPLIANCE_H
#define UDPECHO_APPLIANCE_H

#include <pthread.h>

#include <udpecho/control/clock.h>
#include <udpecho/control/config.h>
#include <udpecho/control/device.h>
#include <udpecho/control/error.h>
#include <udpecho/control/explain.h>
#include <udpecho/datapath/worker.h>

#define APPLIANCE_WORKERS_MAX 64

struct MHD_Daemon;
struct mnl_socket;
struct capture_session;
struct policy_set;

/* What the main thread saw of a worker when it last looked. */
struct worker_watch {
	uint64_t rounds;
	double moved; /* when, in seconds */
	_Atomic bool is_stalled;
	uint64_t stalls; /* how often it was, for a second or more */
	bool is_told;    /* the log said that it is */
	double logged;   /* when; 0: never */
};

struct appliance {
	const struct config *config; /* that it was started with */
	cpu_set_t cores;             /* that poll */
	const struct variant *variant;
	struct device devices[CONFIG_DEVICES_MAX];
	unsigned int worker_count;
	struct worker *workers[APPLIANCE_WORKERS_MAX];
	struct worker_watch worker_watches[APPLIANCE_WORKERS_MAX];
	struct rte_rcu_qsbr *quiescence;       /* of the workers */
	struct policy_set *policies;           /* that the workers go by */
	struct policy_set *policies_oldest;    /* that one that stood still may yet go by */
	pthread_mutex_t policies_lock;         /* for threads that are neither main nor workers */
	struct mnl_socket *changes;            /* of interfaces, told by the kernel; or NULL */
	struct MHD_Daemon *http;               /* or NULL */
	struct connections *http_connections;  /* or NULL */
	struct capture_session *capture;       /* the last one, or NULL */
	struct capture_session *captures_held; /* that wait for a worker to stop */
	uint64_t reloads;
	uint64_t reloads_refused;
	struct explain explain;
	struct clock_point started; /* by the monotonic clock */
	double stopped;             /* by it, in seconds; 0: it runs */
	bool is_held;               /* a worker did not stop, and may yet use anything */
};

/**
 * Whether appliance_start() would find what it wants, but for devices that are no captures: cores,
 * instructions, captures, EAL's arguments. Touches nothing. 0, or -errno as it would give it.
 */
int appliance_check(const struct config *config, struct error *error);

/**
 * Starts it: looks at the machine, brings up DPDK and the devices, and sets the workers going.
 * From here on SIGINT, SIGTERM and SIGHUP are held for appliance_wait(). On an error all that was
 * done is undone, and -errno returned; -ECANCELED: a signal said to stop.
 */
int appliance_start(struct appliance *appliance, const struct config *config, struct error *error);

/* Why it waits no longer. */
enum appliance_event {
	APPLIANCE_STOP,   /* SIGINT or SIGTERM; offline: the end of every capture */
	APPLIANCE_RELOAD, /* SIGHUP */
	APPLIANCE_LOST,   /* no device is left */
};

/** Waits until something is to be done, and keeps an eye on devices and workers meanwhile. */
enum appliance_event appliance_wait(struct appliance *appliance);

/**
 * Has the workers go by CONFIG from their next bursts on, in all that can change while they work:
 * addresses, ports, lists, limits, TTL. What wants a restart is logged, and left as it is. 0, or
 * -errno where there is no memory for both or a signal says to stop, and the old stays. CONFIG is
 * not needed any more then.
 */
int appliance_reload(struct appliance *appliance, const struct config *config, struct error *error);

/** For how long it has run, or did, in seconds. */
double appliance_uptime(const struct appliance *appliance);

/** The sum of the counters of all queues of device number INDEX. */
struct counters appliance_count(const struct appliance *appliance, unsigned int index);

/** The sum of the counters of all queues there are. */
struct counters appliance_count_all(const struct appliance *appliance);

/** The first device that was lost while others went on; NULL: none was. */
const struct device *appliance_lost_device(const struct appliance *appliance);

/**
 * Stops the workers, which finish what they hold, and closes the devices. The counters stay for
 * the report. 0, or -errno of the first thing that went wrong; everything is stopped all the same.
 * -ETIMEDOUT: a worker hangs in its driver, so that nothing can be closed or freed.
 */
int appliance_stop(struct appliance *appliance, struct error *error);

/** Frees what is left, and DPDK's memory with it. */
void appliance_release(struct appliance *appliance);

#endif
