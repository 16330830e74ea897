/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads all of standard input: the payload of the one datagram that is sent. */
#ifndef UDPECHO_CLIENT_INPUT_H
#define UDPECHO_CLIENT_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"

/* The UDP length field, 16 bits, counts its own header of 8 bytes: RFC 768. */
#define PAYLOAD_MAX (65535 - 8)

struct payload {
	size_t length;
	uint8_t bytes[PAYLOAD_MAX + 1]; /* one more, to tell that the input is too long */
};

/** Reads to the end of standard input. More than LIMIT bytes are an error. */
enum status input_read(struct payload *payload, size_t limit);

#endif
