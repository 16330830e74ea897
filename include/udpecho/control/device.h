/* SPDX-License-Identifier: BSD-3-Clause */
/* A device receives and transmits frames. struct device_kind has what differs between kinds. */
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
	const char *prefix;   /* before the colon, such as "af_xdp" */
	const char *argument; /* after the colon, for messages */
	const char *driver;   /* of the DPDK virtual device to make; NULL: the name has it */
	const char *devargs;  /* its arguments: %1$s name, %2$u queues, %3$u the first of them, or
				     ring_frames() */
	uint32_t frame_room;  /* bytes of a frame that one mbuf must hold; 0: chains will do */
	uint16_t burst_size;  /* frames to receive at once; 0: as many as fit in a burst */
	bool pci;             /* a NIC: EAL finds it, and it needs hugepages */
	bool offline;         /* it ends by itself, and needs no privilege */
	bool is_interface;    /* it is an interface of the kernel, and has its name */
	bool follows_mac;     /* we follow the MAC of the interface when it changes */
	bool partial;         /* its peers may leave checksums partial: a virtual link */
	bool superframes;     /* the kernel may hand several datagrams over as one frame */
	unsigned int most_queues; /* that the operator may ask for; 0: none */
	enum idle idle;           /* unless the operator says otherwise */
	bool keeps_rings;         /* the driver never gives back what its receive ring holds */
	uint64_t needs;           /* PRIVILEGE()s that opening it takes */
	uint64_t privileges;      /* PRIVILEGE()s that running and closing it take */
	unsigned int descriptors; /* files that the driver keeps open for each queue */

	/** Returns the frames of each ring if QUEUES share the memory. NULL: the driver decides. */
	unsigned int (*ring_frames)(unsigned int queues);

	/** Returns the bytes that it locks in memory with QUEUES, at least. NULL: none. */
	uint64_t (*locks)(unsigned int queues);

	/** Checks the form of the name, which any machine can. Returns 0, or -EINVAL. */
	int (*check_form)(const struct config_device *config, struct error *error);

	/** Checks the machine before DPDK starts. Returns 0, or -errno. NULL: nothing to check. */
	int (*check)(struct device *device, struct error *error);

	/** Reads the capture before DPDK starts. Returns 0, or -errno. NULL: it has none. */
	int (*read)(struct device *device, const struct pulse *pulse, struct error *error);

	/** Returns the present MTU of the link, or 0 if it is unknown. NULL: 1500. */
	unsigned int (*find_mtu)(const struct device *device);

	/**
	 * Returns how many queues it has, if udpechod can't choose that. Sets IS_SPLIT if the
	 * driver needs a port for each queue. NULL: as many as the operator asks for, or one.
	 */
	unsigned int (*count_queues)(const struct config_device *config, bool *is_split);

	/** Returns how many of these have a transmit queue of the same number. NULL: all. */
	unsigned int (*count_pairs)(const struct device *device);

	/** Returns its NUMA node, before DPDK starts, or a negative number if it has none. */
	int (*find_node)(const struct config_device *config);

	/** Returns whether the link is up, or BEFORE if that is unknown. NULL: the port knows. */
	bool (*link_is_up)(const struct device *device, bool before);

	/** Returns whether the interface of the start is gone. NULL: it stays. */
	bool (*is_gone)(const struct device *device);

	/**
	 * Changes MAC, the port's own, into the one to use, if the operator gave none. Returns 0,
	 * or -errno. NULL: we use the port's own.
	 */
	int (*settle_mac)(
		const struct device *device, struct mac_address *mac, struct error *error);
};

/* Records of a capture that are not replayed. */
struct device_skips {
	uint64_t records_too_long;     /* over 65535 bytes */
	uint64_t records_not_ethernet; /* from an interface that is not Ethernet */
	uint64_t records_cut_off;      /* 1 if the file ends within its last record */
};

struct device {
	const struct config_device *config;
	char name[IFNAMSIZ]; /* of the interface, now; "": there is none */
	bool follows_mac;    /* we use the MAC of the interface, unless the operator gave one */
	struct mac_address mac;
	unsigned int queue_count; /* receive queues */
	unsigned int pair_count;  /* the first of these, which transmit for the others too */
	bool is_split;            /* each queue has a port of its own */
	enum idle idle;
	_Atomic bool is_lost; /* it is gone, or needs a reset: it receives nothing any more */
	_Atomic bool wants_reset, was_removed; /* set by the driver's thread */
	unsigned int mtu;                      /* bytes of an IP packet in a frame */
	unsigned int link_mtu;             /* of the interface, when we last looked; 0: unknown */
	uint16_t ports[WORKER_QUEUES_MAX]; /* from device_open() to device_close() */
	unsigned int port_count;
	unsigned int interface; /* the index of the interface, from device_open() on; 0: none */
	int lock;               /* of interface_lock(), against a second udpechod; negative: none */
	struct rte_mempool *pool;
	unsigned int ring_mbufs; /* that the receive ring held when the driver started */
	unsigned int pool_size;
	struct device_skips skips;  /* of the capture */
	struct loss *loss;          /* the kernel's losses, from device_open() to device_close() */
	struct replay *replay;      /* the capture; NULL: the device is live */
	struct rte_eth_stats stats; /* the driver's own counters, as of device_close() */
};

/** Returns the kind whose prefix is the LENGTH characters at PREFIX, or NULL. */
const struct device_kind *device_kind_find(const char *prefix, size_t length);

/**
 * Fills DEVICE from number INDEX of CONFIG, and checks the machine before DPDK starts: the
 * interface must be there and up, the capture must be readable and Ethernet. It calls PULSE while
 * it reads a capture. Returns 0, or -errno with an error that names the device.
 */
int device_init(struct device *device, const struct config *config, unsigned int index,
	const struct pulse *pulse, struct error *error);

/** Frees what device_init() took. If DEVICE was opened, close it first. */
void device_release(struct device *device);

/**
 * Makes or finds the ports of DEVICE, with a queue for each of the WORKERS if it can have so many,
 * makes its packet buffers, and starts it. INDEX makes names unique. Returns 0, or -errno after it
 * has undone everything.
 */
int device_open(
	struct device *device, unsigned int index, unsigned int workers, struct error *error);

/**
 * Returns how many queues the device of CONFIG asks for with so many WORKERS: 1 to
 * WORKER_QUEUES_MAX. The driver may give it fewer. Sets IS_SPLIT if each queue has a port of its
 * own.
 */
unsigned int device_count_queues(
	const struct config_device *config, unsigned int workers, bool *is_split);

/** Returns the port that has queue number INDEX of DEVICE, and in QUEUE its number there. */
uint16_t device_port(const struct device *device, unsigned int index, uint16_t *queue);

/** Returns the number of the queue that transmits the replies to frames of queue INDEX. */
unsigned int device_transmitter(const struct device *device, unsigned int index);

/**
 * Replaces alternative names (ip-link(8), altname) of the interfaces in CONFIG by their names, so
 * that an interface has only one name from here on. It leaves a name without interface as it is.
 */
void devices_find(struct config *config);

/** Returns the MTU for replies on a link of MTU bytes: not more than a packet buffer holds. */
unsigned int device_mtu_for(const struct device *device, unsigned int mtu);

/** Returns the NUMA node of the open DEVICE, or a negative number if it is unknown. */
int device_node(const struct device *device);

/** Returns the ticks in a second of the clock for the frames of DEVICE. */
uint64_t device_clock(const struct device *device);

/**
 * Returns a secret for hash tables of sources. For a capture it is always the same, so that each
 * run has the same output.
 */
uint32_t device_key(const struct device *device);

/** Fills IDENTITY with the addresses, ports and rules that CONFIG and ALL give the open DEVICE. */
void device_identify(const struct device *device, const struct config_device *config,
	const struct config *all, struct identity *identity);

/**
 * Stops and closes DEVICE, and keeps its last counters. Returns 0, or -EIO if an mbuf is not back
 * in the pool or the capture could not be written.
 */
int device_close(struct device *device, struct error *error);

/** Returns whether the pool has too few mbufs for a worker to receive a burst. */
bool device_is_exhausted(const struct device *device);

/** Fills STATS with the driver's counters, of all ports together; after the end, the last ones. */
void device_stats(const struct device *device, struct rte_eth_stats *stats);

/** Returns whether every record of the capture has been replayed; false for a live device. */
bool device_is_drained(const struct device *device);

#endif
