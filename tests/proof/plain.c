/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Eva's way into the vector algorithm over plain C (lib/packet/plain/group.h with one lane): a
 * frame of FIRST to LAST bytes, each length in a buffer of exactly that size, to any identity. An
 * alarm is a byte that might be touched outside, or read before it was written, or a value that the
 * C standard leaves open.
 */
#include <stdlib.h>

#include <udpecho/packet/packet.h>

#include "__fc_builtin.h"

static struct identity identity;
static uint8_t bytes[LAST + 1];

static void answer(uint32_t size)
{
	struct plain_frames frames = {.count = 1};
	uint8_t *const data = malloc(size);
	uint32_t set;

	if (size > 0)
		memcpy(data, bytes, size);
	frames.mtu = Frama_C_unsigned_int_interval(0, UINT32_MAX);
	frames.verified = Frama_C_unsigned_int_interval(0, UINT32_MAX);
	frames.data[0] = data;
	frames.length[0] = size;
	set = plain_read_scalar(&identity, &frames);
	//@ assert no_other: set == 0 || set == 1;
	if (set != 0)
		plain_write_scalar(&frames, set);
	free(data);
}

void prove(void)
{
	Frama_C_make_unknown((char *)&identity, sizeof(identity));
	identity.ttl = Frama_C_unsigned_char_interval(1, UINT8_MAX);
	identity.ipv4_count = Frama_C_unsigned_char_interval(0, IDENTITY_ADDRESSES_MAX);
	Frama_C_make_unknown((char *)bytes, sizeof(bytes));
	//@ loop unroll LAST - FIRST + 1;
	for (uint32_t size = FIRST; size <= LAST; size++)
		answer(size);
}
