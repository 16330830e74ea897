/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the records of a capture, pcap or pcapng, one after the other. */
#ifndef UDPECHO_RECORDS_H
#define UDPECHO_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>

#define RECORD_MAX 65535 /* bytes of a frame that is replayed: an mbuf counts them in 16 bits */

enum record_fate {
	RECORD_REPLAYED,
	RECORD_TOO_LONG,
	RECORD_NOT_ETHERNET, /* from an interface that is not Ethernet */
};

struct record {
	uint64_t number;           /* from 1 */
	uint64_t ns;               /* since 1970 */
	const uint8_t *data;       /* valid until the next call */
	uint32_t captured, length; /* bytes in DATA, and on the wire */
	enum record_fate fate;
};

struct records;

/** Begins to read the capture at DESCRIPTOR, from its start. Returns 0, or -errno. */
int records_open(struct records **records, int descriptor, struct error *error);

/** Reads the next record. Returns 1, 0 at the end, or -EINVAL if the capture is damaged. */
int records_next(struct records *records, struct record *record, struct error *error);

/** Returns whether the file ends within a record, which is left out. Call it at the end. */
bool records_are_cut(const struct records *records);

/** Returns whether times are finer than microseconds. Call it at the end. */
bool records_are_fine(const struct records *records);

/** Returns 0, or -EINVAL if there are interfaces but none is Ethernet. Call it at the end. */
int records_check_link(const struct records *records, struct error *error);

/** Frees RECORDS, which may be NULL. */
void records_close(struct records *records);

#endif
