/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Offline: the capture that a device replays, and the one that its replies are written to.
 *
 * net_pcap can read and write captures itself, but cuts times to microseconds and long frames,
 * takes no file that libpcap does not, stamps replies with the time of the run and does not look at
 * errors. So the port is net_null's, which receives nothing and discards what it is given. Records
 * are put in the hands of whoever polls it, and replies taken off them; each is written with the
 * time of its request, so that the same input gives the same output.
 */
#ifndef UDPECHO_REPLAY_H
#define UDPECHO_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

#include <udpecho/control/device.h>
#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>

#include "device/records.h"

struct replay {
	uint64_t records;   /* in the capture, whole ones */
	uint64_t truncated; /* of which the capture holds less than was on the wire */
	struct device_skips skips;
	uint32_t longest; /* captured bytes of the longest record that is replayed */
	bool is_fine;     /* its times are finer than microseconds */
	int input;        /* the capture, open */
	struct records *reader;
	struct rte_mempool *pool;
	int timestamp_offset;     /* in an mbuf, of its time in nanoseconds */
	uint64_t number;          /* of the record that was read last */
	uint64_t delivered, lost; /* frames; lost: there was no buffer for them */
	_Atomic bool is_done;     /* all are delivered, and what is polled is nothing */
	struct error failure;     /* the capture is no longer what it was; "": none */
	void (*watch)(void *argument, uint64_t number, const char *why); /* of replay_watch() */
	void *watcher;
	struct replay_writer *writer; /* NULL: replies are only counted */
};

/**
 * Reads the capture INPUT through, and opens OUTPUT (NULL: none) for writing. PULSE is called now
 * and then. 0, or -errno where INPUT can't be read, is damaged, or is not of Ethernet, where OUTPUT
 * can't be written, or where PULSE wants an end.
 */
int replay_open(struct replay **replay, const char *input, const char *output,
	const struct pulse *pulse, struct error *error);

/** What replay_open() would say, but OUTPUT stays as it is. */
int replay_check(
	const char *input, const char *output, const struct pulse *pulse, struct error *error);

/** Whether both names are of one file that exists. */
bool replay_is_same_file(const char *a, const char *b);

/**
 * Has who polls PORT's queue 0 receive the capture, in mbufs of POOL that hold the record's time in
 * nanoseconds, and writes what is transmitted there to OUTPUT. 0, or -errno.
 */
int replay_attach(
	struct replay *replay, uint16_t port, struct rte_mempool *pool, struct error *error);

/** Calls WATCH for each record that is passed over, in the order of the capture, and why. */
void replay_watch(struct replay *replay,
	void (*watch)(void *argument, uint64_t number, const char *why), void *watcher);

/**
 * Finishes OUTPUT; -EIO where not all of it could be written, or INPUT changed meanwhile. Frees
 * REPLAY, which may be NULL.
 */
int replay_close(struct replay *replay, struct error *error);

#endif
