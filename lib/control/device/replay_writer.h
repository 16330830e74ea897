/* SPDX-License-Identifier: BSD-3-Clause */
/* The capture that the replies to a replayed one are written to. */
#ifndef UDPECHO_REPLAY_WRITER_H
#define UDPECHO_REPLAY_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>

struct replay_writer;

/** Makes the pcap file PATH, with times in nanoseconds (IS_FINE) or microseconds. 0, or -errno. */
int replay_writer_open(
	struct replay_writer **writer, const char *path, bool is_fine, struct error *error);

/** Whether PATH could be made or written, which is not tried. 0, or -errno. */
int replay_writer_check(const char *path, struct error *error);

/**
 * Writes each frame that PORT transmits on its queue 0, with the time that it has at OFFSET, in
 * nanoseconds. 0, or -errno.
 */
int replay_writer_attach(
	struct replay_writer *writer, uint16_t port, int offset, struct error *error);

/** Finishes the file, and frees WRITER: 0, or -EIO where not all of it could be written. */
int replay_writer_close(struct replay_writer *writer, struct error *error);

#endif
