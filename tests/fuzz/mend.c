/* SPDX-License-Identifier: BSD-3-Clause */
#include "mend.h"

uint32_t number_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static void mend_at(uint8_t *checksum, uint32_t sum, const uint8_t *data, size_t length)
{
	checksum[0] = checksum[1] = 0;
	for (size_t i = 0; i < length; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	checksum[0] = (uint8_t)(~sum >> 8);
	checksum[1] = (uint8_t)~sum;
}

/* The checksum of LENGTH bytes of UDP, or what it is while it is PARTIAL. Absent, it stays so. */
static void mend_udp(uint8_t *udp, uint32_t sum, size_t length, bool partial)
{
	if (number_at(udp + 6) == 0)
		return;
	mend_at(udp + 6, sum, udp, partial ? 0 : length);
	if (partial) { /* the sum of the pseudo-header as it is */
		udp[6] = (uint8_t)~udp[6];
		udp[7] = (uint8_t)~udp[7];
	}
}

static void mend_ipv4(uint8_t *frame, size_t size, size_t ip, bool partial)
{
	size_t header, length;
	uint8_t *l4;

	if (size < ip + 20)
		return;
	header = (frame[ip] & 15) * 4U;
	if (header < 20 || size < ip + header + 8)
		return;
	mend_at(frame + ip + 10, 0, frame + ip, header);
	l4 = frame + ip + header;
	length = frame[ip + 9] == 17 ? number_at(l4 + 4) : number_at(frame + ip + 2) - header;
	if (length < 8 || length > size - ip - header)
		return;
	if (frame[ip + 9] == 1)
		mend_at(l4 + 2, 0, l4, length);
	if (frame[ip + 9] == 17)
		mend_udp(l4,
			(uint32_t)(17 + length) + number_at(frame + ip + 12) +
				number_at(frame + ip + 14) + number_at(frame + ip + 16) +
				number_at(frame + ip + 18),
			length, partial);
}

size_t behind_extensions(const uint8_t *frame, size_t size, size_t ip, uint8_t *next)
{
	size_t at = ip + 40;

	*next = frame[ip + 6];
	while (at + 8 <= size && (*next == 0 || *next == 43 || *next == 44 || *next == 60)) {
		const size_t length = *next == 44 ? 8 : 8 + 8U * frame[at + 1];

		*next = frame[at];
		at += length;
	}
	return at;
}

static void mend_ipv6(uint8_t *frame, size_t size, size_t ip, bool partial)
{
	size_t end, l4, length;
	uint8_t next;
	uint32_t sum;

	if (size < ip + 40)
		return;
	l4 = behind_extensions(frame, size, ip, &next);
	end = ip + 40 + number_at(frame + ip + 4);
	if (end > size || end < l4 + 8)
		return;
	length = next == 17 ? number_at(frame + l4 + 4) : end - l4;
	if (length < 8 || length > end - l4)
		return;
	sum = next + (uint32_t)length;
	for (size_t at = ip + 8; at < ip + 40; at += 2)
		sum += number_at(frame + at);
	if (next == 58)
		mend_at(frame + l4 + 2, sum, frame + l4, length);
	if (next == 17)
		mend_udp(frame + l4, sum, length, partial);
}

void mend_frame(uint8_t *frame, size_t size, bool partial)
{
	size_t ip = 14;

	while (ip < 22 && size >= ip && (frame[ip - 2] == 0x81 || frame[ip - 2] == 0x88))
		ip += 4;
	if (size >= ip && number_at(frame + ip - 2) == 0x86dd)
		mend_ipv6(frame, size, ip, partial);
	else
		mend_ipv4(frame, size, ip, partial);
}
