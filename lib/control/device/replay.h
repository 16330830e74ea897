/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Offline: the capture that a device replays, and the one that its replies are written to.
 *
 * net_pcap can write a capture itself, but stamps it with the time of the run, cuts long frames
 * and does not look at errors. So replies are taken off its hands just before it discards them,
 * and each is written with the timestamp of its request: the same input gives the same output.
 */
#ifndef UDPECHO_REPLAY_H
#define UDPECHO_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/error.h>

struct replay {
	uint64_t records;   /* in the capture */
	uint64_t truncated; /* of which the capture holds less than was on the wire */
	uint32_t longest;   /* captured bytes of the longest record */
	int input;          /* the capture, open */
	char path[32];      /* a name for it that holds nothing that DPDK's arguments could not */
	struct replay_writer *writer; /* NULL: replies are only counted */
};

/**
 * Reads the capture INPUT through, and opens OUTPUT (NULL: none) for writing. 0, or -errno where
 * INPUT can't be read, is damaged, or is not of Ethernet; or where OUTPUT can't be written.
 */
int replay_open(struct replay **replay, const char *input, const char *output, struct error *error);

/** Whether both names are of one file that exists. */
bool replay_is_same_file(const char *a, const char *b);

/** Writes each frame that PORT transmits on its queue 0 to OUTPUT. 0, or -errno. */
int replay_attach(struct replay *replay, uint16_t port, struct error *error);

/** Finishes OUTPUT; -EIO where not all of it could be written. Frees REPLAY, which may be NULL. */
int replay_close(struct replay *replay, struct error *error);

#endif
