/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A worker on a device that is two rings, both of the test's own: what it is to receive lies in the
 * one, and what it transmits is found in the other. It works in the test's thread, until there is
 * nothing left to receive: what it does depends on no clock and no other thread.
 */
#ifndef FAULT_RIG_H
#define FAULT_RIG_H

#include <rte_ring.h>

#include <udpecho/datapath/worker.h>

/* How the device and the worker are made. */
struct rig_options {
	unsigned int tx_slots; /* frames that the device takes before somebody reads them */
	unsigned int mbufs;    /* in all, received ones and copies */
	uint32_t mtu;
	bool has_clock;              /* frames say what time it is, in microseconds; else the TSC */
	struct limits_config limits; /* all 0: none */
};

struct rig {
	struct rte_ring *rx, *tx;
	struct rte_mempool *pool;
	struct worker *worker;
	struct worker_queue *queue; /* the worker's only one */
	struct policy policy;
	uint64_t now;    /* stamped on each frame, where frames say what time it is */
	uint64_t frames; /* given to it so far */
	uint64_t taken;  /* replies that were read so far */
};

/** Starts DPDK, for the test alone: no hugepages, no files. Fails the test if it can't. */
void rig_init(void);

/** Makes a device and a worker. One at a time. */
void rig_open(struct rig *rig, const struct rig_options *options);

/** A frame of LENGTH bytes waits to be received. */
void rig_put(struct rig *rig, const void *data, uint32_t length);

/** A datagram from 198.18.0.1 to our port 7, of LENGTH bytes of payload, waits to be received. */
void rig_put_datagram(struct rig *rig, uint32_t length);

/** The same, to a port that is not served. */
void rig_put_stray(struct rig *rig);

/**
 * Fragment number PIECE, from 0 on, of the datagram that NUMBER identifies: COUNT pieces with
 * LENGTH bytes of IPv4 payload each, a multiple of 8.
 */
void rig_put_fragment(
	struct rig *rig, uint16_t number, unsigned int piece, unsigned int count, uint32_t length);

/** Has the worker receive all that waits, and do with it what it does. */
void rig_work(struct rig *rig);

/** Reads the first of what was transmitted into DATA: its length; 0: there is none. */
unsigned int rig_look(struct rig *rig, uint8_t *data);

/** Reads what was transmitted, and gives it back: how many frames. */
unsigned int rig_take(struct rig *rig);

/** How many frames had VERDICT so far. */
uint64_t rig_count(const struct rig *rig, enum verdict verdict);

/**
 * The end of the work. Fails the test unless every frame that was given was received, the law
 * holds, and every mbuf is back. Prints a row of the table of faults: what was done, and what came
 * of it.
 */
void rig_check(struct rig *rig, const char *fault, const char *outcome);

/** Takes all apart, whatever became of the test. Does nothing where nothing was opened. */
void rig_close(struct rig *rig);

#endif
