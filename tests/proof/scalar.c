/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scalar variant against the reference, for any frame to any identity: what it takes, the
 * reference echoes, to the same bytes. Run by programs.py.
 */
#include <udpecho/packet/packet.h>
#include <udpecho/packet/plain.h>

#include "../../lib/packet/plain/frame.h"
#include "symbolic/symbolic.h"

/* An access list: programs.py takes it for any, with one opinion on each address. */
bool is_allowed(const void *acl, struct ip_address source);

static const struct variant scalar = {.read = plain_read_scalar, .write = plain_write_scalar};

void prove_scalar(void)
{
	struct identity identity;
	struct plain_frames frames = {.count = 1};
	struct frame frame = {0};
	uint32_t size, i;
	uint8_t *data;

	any(&identity, sizeof(identity));
	assume(identity.ttl > 0);
	identity.accept_partial = any_bool();
	identity.report_unreachable = any_bool();
	identity.source_is_allowed = is_allowed;
	identity.acl = NULL;
	any(&size, sizeof(size));
	any(&frames.mtu, sizeof(frames.mtu));
	any(&frames.verified, sizeof(frames.verified));
	data = bytes(size);
	frames.data[0] = data;
	frames.length[0] = size;
	frame.data = (uint8_t *)copy(data);
	frame.contiguous = frame.length = size;
	frame.l4_checksum_good = frames.verified & 1;

	if (plain_read(&scalar, &identity, &frames) == 0)
		return;
	check(packet_answer(&frame, &identity) == VERDICT_UDP_ECHO, "the reference echoes it");
	check(frame.length == frames.reply_length[0], "to the same length");
	check(frames.padded == (frame.length < size), "padded, where it is shorter");
	plain_write_scalar(&frames, 1);
	for (i = 0; i < PLAIN_LENGTH_MIN - 4; i++)
		check(frame.data[i] == data[i], "to the same headers");
	any(&i, sizeof(i));
	assume(i < size);
	check(frame.data[i] == data[i], "to the same bytes");
}
