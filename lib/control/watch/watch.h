/* SPDX-License-Identifier: BSD-3-Clause */
/* What the main thread saw of the devices and the workers when it last looked. */
#ifndef UDPECHO_WATCH_H
#define UDPECHO_WATCH_H

#include "runtime/runtime.h"

struct mnl_socket;

/* How often something went wrong with a device. */
struct device_faults {
	uint64_t link_changes;
	uint64_t tx_stalls;      /* it had replies for a second, and transmitted none */
	uint64_t pool_exhausted; /* no packet buffer was free */
	uint64_t changes;        /* somebody changed its MTU, MAC, name or queues */
};

/* How far a device is with the claim to its addresses: see claim.h. */
struct device_claim {
	bool is_probing;
	unsigned int probes;          /* sent */
	double due;                   /* when to go on, in seconds */
	double logged;                /* when it last logged a conflict; 0: never */
	_Atomic unsigned int refused; /* addresses that other stations have, and it does not use */
};

/* What the log said last of an interface, and when, in seconds; 0: never. */
struct device_told {
	bool is_known; /* the name, the MTU and the MAC; queues: 0: not yet */
	char name[IFNAMSIZ];
	unsigned int link_mtu, queues;
	struct mac_address mac;
	double name_logged, mtu_logged, mac_logged, queues_logged;
};

/* What it saw of a device. Other threads may read the atomic members and the faults. */
struct device_watch {
	struct device_faults faults;
	struct device_claim claim;
	struct device_told told;
	bool link_is_known;
	bool told_up; /* the last state of the link in the log */
	_Atomic bool link_up, tx_is_stuck, is_exhausted, has_other_queues;
	bool gathers;        /* interface_gathers() */
	bool has_old_policy; /* it has another MTU or MAC now */
	unsigned int queues; /* receive queues of the interface; 0: not asked yet */
	double queues_asked; /* when it last asked for them, in seconds */
	uint64_t tx_packets, rx_nombuf, superframes, missed, runts;
	/* Lost replies: when it last transmitted or was idle, and when it last lost one. */
	uint64_t tx_full, tx_lost;
	double tx_moved, tx_lost_at; /* seconds */
	/* When each message was last logged, in seconds; 0: never. */
	double up_logged, down_logged, tx_logged, pool_logged, superframes_logged, missed_logged,
		policy_logged, runts_logged, lock_logged;
};

/* What it saw of a worker. */
struct worker_watch {
	uint64_t rounds;
	double moved; /* when the rounds last changed, in seconds */
	_Atomic bool is_stalled;
	uint64_t stalls; /* how often it stalled */
	bool is_told;    /* the log says that it is stalled */
	double logged;   /* when the log said so last, in seconds; 0: never */
};

struct watch {
	struct runtime *runtime;    /* that it watches */
	struct mnl_socket *changes; /* where the kernel tells of changed interfaces, or NULL */
	struct device_watch devices[CONFIG_DEVICES_MAX];
	struct worker_watch workers[CORES_MAX];
};

/** Returns whether device number INDEX was there, and its link up, at the last look. */
static inline bool watch_device_is_up(const struct watch *watch, unsigned int index)
{
	return watch->devices[index].link_up && !watch->runtime->devices[index].is_lost;
}

#endif
