/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replays a capture offline, and writes the replies to another.
 *
 * net_pcap can read and write captures itself, but it rounds times to microseconds, cuts long
 * frames, reads only files that libpcap reads, stamps replies with the time of the run, and ignores
 * errors. So the port is net_null's, which receives nothing and discards what it transmits. A
 * callback gives the records to whoever polls the port, and another writes the replies, each with
 * the time of its request, so that the same input gives the same output.
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
	uint64_t records;   /* whole records in the capture */
	uint64_t truncated; /* records with fewer bytes than there were on the wire */
	struct device_skips skips;
	uint32_t longest; /* captured bytes of the longest record that is replayed */
	bool is_fine;     /* times are finer than microseconds */
	int input;        /* the descriptor of the capture */
	struct records *reader;
	struct rte_mempool *pool;
	int timestamp_offset;     /* of the time in an mbuf, in nanoseconds */
	uint64_t number;          /* of the record that was read last */
	uint64_t delivered, lost; /* frames; lost: no packet buffer was free */
	_Atomic bool is_done;     /* all frames are delivered */
	struct error failure;     /* the capture has changed; "": it has not */
	void (*watch)(void *argument, uint64_t number, const char *why); /* of replay_watch() */
	void *watcher;
	struct replay_writer *writer; /* NULL: nobody writes the replies */
};

/**
 * Reads the whole capture INPUT, and opens OUTPUT (NULL: none) for writing. It calls PULSE now and
 * then. Returns 0; -errno if INPUT can't be read, is damaged or is not Ethernet, or if OUTPUT can't
 * be written; or what PULSE returned.
 */
int replay_open(struct replay **replay, const char *input, const char *output,
	const struct pulse *pulse, struct error *error);

/** Returns what replay_open() would return, but does not touch OUTPUT. */
int replay_check(
	const char *input, const char *output, const struct pulse *pulse, struct error *error);

/** Returns whether A and B name the same file. */
bool replay_is_same_file(const char *a, const char *b);

/**
 * Lets queue 0 of PORT receive the capture, in mbufs of POOL that have the time of their record in
 * nanoseconds, and writes what that queue transmits to OUTPUT. Returns 0, or -errno.
 */
int replay_attach(
	struct replay *replay, uint16_t port, struct rte_mempool *pool, struct error *error);

/** Calls WATCH with the number of each record that is skipped, in their order, and why. */
void replay_watch(struct replay *replay,
	void (*watch)(void *argument, uint64_t number, const char *why), void *watcher);

/**
 * Finishes OUTPUT, and frees REPLAY, which may be NULL. Returns 0, or -EIO if OUTPUT could not be
 * written completely or INPUT changed during the replay.
 */
int replay_close(struct replay *replay, struct error *error);

#endif
