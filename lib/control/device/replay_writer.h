/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes the replies to a capture into another capture. */
#ifndef UDPECHO_REPLAY_WRITER_H
#define UDPECHO_REPLAY_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>

struct replay_writer;

/**
 * Makes the pcap file PATH, with times in nanoseconds (IS_FINE) or microseconds. Returns 0, or
 * -errno.
 */
int replay_writer_open(
	struct replay_writer **writer, const char *path, bool is_fine, struct error *error);

/** Checks whether PATH could be written, without trying it. Returns 0, or -errno. */
int replay_writer_check(const char *path, struct error *error);

/**
 * From here on writes each frame that queue 0 of PORT transmits, with its time in nanoseconds at
 * OFFSET in the mbuf. Returns 0, or -errno.
 */
int replay_writer_attach(
	struct replay_writer *writer, uint16_t port, int offset, struct error *error);

/**
 * Finishes the file, and frees WRITER. Returns 0, or -EIO if the file could not be written
 * completely.
 */
int replay_writer_close(struct replay_writer *writer, struct error *error);

#endif
