/* SPDX-License-Identifier: BSD-3-Clause */
/* A device: where frames come from and go to. All that differs by kind is in struct device_kind. */
#ifndef UDPECHO_DEVICE_H
#define UDPECHO_DEVICE_H

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include <udpecho/config.h>
#include <udpecho/error.h>
#include <udpecho/identity.h>

struct device;
struct replay;

struct device_kind {
	const char *prefix;   /* "af_xdp": what stands before the colon */
	const char *argument; /* what stands behind it, for messages */
	const char *driver;   /* the DPDK virtual device to make; NULL: the name says it all */
	const char *devargs;  /* its arguments; %s is the name */
	uint32_t frame_room;  /* bytes of frame that one mbuf must hold; 0: chains will do */
	uint16_t burst_size;  /* frames to receive at once; 0: as many as fit in a burst */
	bool pci;             /* hardware: found by EAL, and its memory is hugepages */
	bool offline;         /* ends by itself, and needs no privilege */
	bool partial;         /* a virtual link, whose peers may leave checksums partial */
	bool keeps_rings;     /* the driver never gives back what its receive ring holds */

	/** Looks at the machine before DPDK starts: 0, or -errno. NULL: nothing to look at. */
	int (*check)(struct device *device, struct error *error);

	/** The MTU of the link as it is now, or 0: unknown. NULL: the port's. */
	unsigned int (*find_mtu)(const struct device *device);

	/** Makes the port's own MAC the one to use, where the operator gave none: 0, or -errno. */
	int (*settle_mac)(
		const struct device *device, struct mac_address *mac, struct error *error);
};

struct device {
	const struct config_device *config;
	struct identity identity;
	unsigned int mtu; /* bytes of IPv4 packet that a frame may hold */
	uint16_t port;    /* valid between device_open() and device_close() */
	struct rte_mempool *pool;
	unsigned int ring_mbufs; /* of the pool, in the driver's receive ring when it started */
	unsigned int pool_size;
	struct replay *replay;      /* what is replayed; offline only */
	struct rte_eth_stats stats; /* the driver's own counters, as of device_close() */
};

/** The kind whose prefix is the LENGTH characters at PREFIX; NULL: there is none. */
const struct device_kind *device_kind_find(const char *prefix, size_t length);

/**
 * Takes the settings, and looks at the machine before DPDK starts: does the interface exist, is
 * it up, is the capture there and Ethernet. 0, or -errno with an error that names the device.
 */
int device_init(struct device *device, const struct config *config, unsigned int index,
	struct error *error);

/** Frees what device_init() took; after device_close(), if it was opened. */
void device_release(struct device *device);

/**
 * Makes or finds the port, its memory and its identity, and starts it; INDEX makes names unique.
 * On an error all of it is undone, and -errno returned.
 */
int device_open(struct device *device, unsigned int index, struct error *error);

/**
 * Stops and closes the port, and keeps its last counters. 0 where all is well: every mbuf is back
 * in the pool, and the capture is written; otherwise -EIO.
 */
int device_close(struct device *device, struct error *error);

/** Offline: whether the driver is done with every record of the capture. Live: never. */
bool device_is_drained(const struct device *device);

#endif
