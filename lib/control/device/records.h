/* SPDX-License-Identifier: BSD-3-Clause */
/* The records of a capture, pcap or pcapng, one after the other. */
#ifndef UDPECHO_RECORDS_H
#define UDPECHO_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>

#define RECORD_MAX 65535 /* bytes of a frame that is replayed: an mbuf counts them in 16 bits */

enum record_fate {
	RECORD_REPLAYED,
	RECORD_TOO_LONG,
	RECORD_NOT_ETHERNET, /* of another interface */
};

struct record {
	uint64_t number;           /* from 1 */
	uint64_t ns;               /* since 1970 */
	const uint8_t *data;       /* until the next call */
	uint32_t captured, length; /* bytes here, and on the wire */
	enum record_fate fate;
};

struct records;

/** Begins to read the capture that DESCRIPTOR has open, from its start. 0, or -errno. */
int records_open(struct records **records, int descriptor, struct error *error);

/** The next record: 1; 0: there is none; -EINVAL: the capture is damaged. */
int records_next(struct records *records, struct record *record, struct error *error);

/** Whether the file ends within a record, which is left out; known at its end. */
bool records_are_cut(const struct records *records);

/** Whether times are finer than microseconds; known at the end. */
bool records_are_fine(const struct records *records);

/** 0, or -EINVAL where no interface is of Ethernet, but another is; known at the end. */
int records_check_link(const struct records *records, struct error *error);

/** Frees RECORDS, which may be NULL. */
void records_close(struct records *records);

#endif
