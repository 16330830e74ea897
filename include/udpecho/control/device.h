/* SPDX-License-Identifier: BSD-3-Clause */
/* A device: where frames come from and go to. All that differs by kind is in struct device_kind. */
#ifndef UDPECHO_DEVICE_H
#define UDPECHO_DEVICE_H

#include <net/if.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>
#include <udpecho/datapath/worker.h>
#include <udpecho/packet/identity.h>

struct device;
struct loss;
struct replay;

struct device_kind {
	const char *prefix;   /* "af_xdp": what stands before the colon */
	const char *argument; /* what stands behind it, for messages */
	const char *driver;   /* the DPDK virtual device to make; NULL: the name says it all */
	const char *devargs;  /* its arguments: %1$s name, %2$u queues, %3$u the first of them, or
				     ring_frames() */
	uint32_t frame_room;  /* bytes of frame that one mbuf must hold; 0: chains will do */
	uint16_t burst_size;  /* frames to receive at once; 0: as many as fit in a burst */
	bool pci;             /* hardware: found by EAL, and its memory is hugepages */
	bool offline;         /* ends by itself, and needs no privilege */
	bool is_interface;    /* one that the kernel has already, and the name is its */
	bool follows_mac;     /* of the interface: it may change while we run */
	bool partial;         /* a virtual link, whose peers may leave checksums partial */
	bool superframes;     /* the kernel may hand several datagrams over as one frame */
	unsigned int most_queues; /* that one can ask for; 0: none */
	enum idle idle;           /* unless the operator says otherwise */
	bool keeps_rings;         /* the driver never gives back what its receive ring holds */
	uint64_t needs;           /* PRIVILEGE()s without which none can be opened */
	uint64_t privileges;      /* those that it takes once it is open, to run and to close */
	unsigned int descriptors; /* that each queue of the driver keeps open */

	/** Frames of each ring, where so many queues share the memory of rings. NULL: not ours. */
	unsigned int (*ring_frames)(unsigned int queues);

	/** Bytes that it locks in memory with so many queues, at the least. NULL: none. */
	uint64_t (*locks)(unsigned int queues);

	/** Whether the name has the form that it must have, on any machine: 0, or -EINVAL. */
	int (*check_form)(const struct config_device *config, struct error *error);

	/** Looks at the machine before DPDK starts: 0, or -errno. NULL: nothing to look at. */
	int (*check)(struct device *device, struct error *error);

	/** Reads what it is to replay, before DPDK starts: 0, or -errno. NULL: nothing to read. */
	int (*read)(struct device *device, const struct pulse *pulse, struct error *error);

	/** The MTU of the link as it is now, or 0: unknown. NULL: the port's. */
	unsigned int (*find_mtu)(const struct device *device);

	/**
	 * How many queues it has, where that is not for us to say, and whether the driver wants a
	 * port for each of them. NULL: as wanted, or one.
	 */
	unsigned int (*count_queues)(const struct config_device *config, bool *is_split);

	/** How many of these have a transmit queue of their number. NULL: all of them. */
	unsigned int (*count_pairs)(const struct device *device);

	/** The NUMA node that it is near, before DPDK starts; negative: unknown, or all alike. */
	int (*find_node)(const struct config_device *config);

	/** Whether the link is up; BEFORE, where that can't be told. NULL: the port knows. */
	bool (*link_is_up)(const struct device *device, bool before);

	/** Whether what was there at start is no more. NULL: it does not go. */
	bool (*is_gone)(const struct device *device);

	/** Makes the port's own MAC the one to use, where the operator gave none: 0, or -errno. */
	int (*settle_mac)(
		const struct device *device, struct mac_address *mac, struct error *error);
};

/* Records of a capture that are not replayed. */
struct device_skips {
	uint64_t records_too_long;     /* over 65535 bytes */
	uint64_t records_not_ethernet; /* of another interface */
	uint64_t records_cut_off;      /* the last one, where the file ends within it */
};

struct device {
	const struct config_device *config;
	char name[IFNAMSIZ]; /* the interface's, as it is now; "": it is none */
	bool follows_mac; /* of the interface: we answer under it, unless the operator has another
			   */
	struct mac_address mac;
	unsigned int queue_count; /* in all, that receive */
	unsigned int pair_count;  /* the first of these, which transmit: for the others too */
	bool is_split;            /* each queue is one of a port of its own */
	enum idle idle;
	_Atomic bool is_lost; /* gone for good, or wants a reset: nothing comes any more */
	_Atomic bool wants_reset, was_removed; /* set by the driver's thread */
	unsigned int mtu;                      /* bytes of IPv4 packet that a frame may hold */
	unsigned int link_mtu; /* that the interface had when last looked at; 0: unknown */
	uint16_t ports[WORKER_QUEUES_MAX]; /* from device_open() to device_close() */
	unsigned int port_count;
	unsigned int interface; /* the kernel's index of it, since device_open(); 0: none */
	int lock; /* on the interface, so that it is opened once; negative: there is none */
	struct rte_mempool *pool;
	unsigned int ring_mbufs; /* of the pool, in the driver's receive ring when it started */
	unsigned int pool_size;
	struct device_skips skips;  /* of what is replayed */
	struct loss *loss;          /* what the kernel lost, from device_open() to device_close() */
	struct replay *replay;      /* what is replayed; offline only */
	struct rte_eth_stats stats; /* the driver's own counters, as of device_close() */
};

/** The kind whose prefix is the LENGTH characters at PREFIX; NULL: there is none. */
const struct device_kind *device_kind_find(const char *prefix, size_t length);

/**
 * Takes the settings, and looks at the machine before DPDK starts: does the interface exist, is
 * it up, is the capture there and Ethernet. PULSE is called now and then while a capture is read.
 * 0, or -errno with an error that names the device.
 */
int device_init(struct device *device, const struct config *config, unsigned int index,
	const struct pulse *pulse, struct error *error);

/** Frees what device_init() took; after device_close(), if it was opened. */
void device_release(struct device *device);

/**
 * Makes or finds the port and its memory, with a queue for each of the WORKERS where it can have
 * them, and starts it; INDEX makes names unique.
 * On an error all of it is undone, and -errno returned.
 */
int device_open(
	struct device *device, unsigned int index, unsigned int workers, struct error *error);

/**
 * How many queues a device has where there are so many WORKERS, 1 to WORKER_QUEUES_MAX, and whether
 * each is one of a port of its own. The driver may have fewer.
 */
unsigned int device_count_queues(
	const struct config_device *config, unsigned int workers, bool *is_split);

/** Which port has the device's queue number INDEX, and under which number: QUEUE. */
uint16_t device_port(const struct device *device, unsigned int index, uint16_t *queue);

/** The number of the device's queue by which the replies to what queue INDEX receives go out. */
unsigned int device_transmitter(const struct device *device, unsigned int index);

/**
 * Finds the interfaces that CONFIG's devices are on, and puts their names in place of alternative
 * ones, so that whatever looks at one looks at the same. What is not there is left as it is.
 */
void devices_find(struct config *config);

/** What replies of the open DEVICE stay within on a link of MTU bytes: what its buffers hold. */
unsigned int device_mtu_for(const struct device *device, unsigned int mtu);

/** The NUMA node of the open device; negative: unknown. */
int device_node(const struct device *device);

/** The ticks in a second of the clock that the device's frames are judged by. */
uint64_t device_clock(const struct device *device);

/** A secret for a table of its sources: of a capture the same each time, as its output is. */
uint32_t device_key(const struct device *device);

/** Fills IDENTITY with who CONFIG says that the open DEVICE is. */
void device_identify(const struct device *device, const struct config_device *config,
	const struct config *all, struct identity *identity);

/**
 * Stops and closes the port, and keeps its last counters. 0 where all is well: every mbuf is back
 * in the pool, and the capture is written; otherwise -EIO.
 */
int device_close(struct device *device, struct error *error);

/** Whether the pool is too empty for a worker to receive a burst. */
bool device_is_exhausted(const struct device *device);

/** The driver's own counters so far, of all ports together; the last there were, once closed. */
void device_stats(const struct device *device, struct rte_eth_stats *stats);

/** Offline: whether the driver is done with every record of the capture. Live: never. */
bool device_is_drained(const struct device *device);

#endif
