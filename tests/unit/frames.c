/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "suite.h"

static int digit(char c)
{
	const char *const digits = "0123456789abcdef";
	const char *const found = strchr(digits, c);

	assert_non_null(found);
	return (int)(found - digits);
}

static void put(struct bytes *bytes, uint32_t at, const char *text)
{
	for (;;) {
		while (*text == ' ')
			text++;
		if (*text == '\0')
			return;
		assert_true(text[1] != '\0' && at < FRAME_BYTES_MAX);
		bytes->data[at++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		if (at > bytes->length)
			bytes->length = at;
		text += 2;
	}
}

struct bytes bytes_of(const char *text)
{
	struct bytes bytes = {0};

	put(&bytes, 0, text);
	return bytes;
}

uint16_t slow_checksum(uint32_t sum, const uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return (uint16_t)(0xffff - sum);
}

uint16_t number_at(const struct bytes *frame, uint32_t at)
{
	return (uint16_t)(frame->data[at] << 8 | frame->data[at + 1]);
}

uint32_t payload_offset(const struct bytes *frame)
{
	uint32_t offset = 14;

	while (offset <= frame->length && offset < 22 &&
		(number_at(frame, offset - 2) == 0x8100 || number_at(frame, offset - 2) == 0x88a8))
		offset += 4;
	return offset <= frame->length ? offset : 0;
}

static void put_number(struct bytes *frame, uint32_t at, uint16_t number)
{
	frame->data[at] = (uint8_t)(number >> 8);
	frame->data[at + 1] = (uint8_t)number;
}

static void mend_udp(struct bytes *frame, uint32_t ip, uint32_t udp)
{
	const uint16_t length = number_at(frame, udp + 4);
	uint32_t sum = 17U + length;
	uint16_t checksum;

	for (uint32_t at = ip + 12; at < ip + 20; at += 2)
		sum += number_at(frame, at);
	while (sum > 0xffff)
		sum -= 0xffff;
	put_number(frame, udp + 6, 0);
	checksum = slow_checksum(sum, frame->data + udp, length);
	put_number(frame, udp + 6, checksum != 0 ? checksum : 0xffff);
}

static void mend_icmp(struct bytes *frame, uint32_t ip, uint32_t icmp)
{
	put_number(frame, icmp + 2, 0);
	put_number(frame, icmp + 2,
		slow_checksum(0, frame->data + icmp, ip + number_at(frame, ip + 2) - icmp));
}

bool is_ipv6(const struct bytes *frame, uint32_t offset)
{
	return offset > 0 && number_at(frame, offset - 2) == 0x86dd;
}

uint32_t extensions_end(const struct bytes *frame, uint32_t offset, uint8_t *next)
{
	uint32_t at = offset + 40;
	bool is_fragment = false;

	*next = frame->data[offset + 6];
	while (!is_fragment && at + 8 <= frame->length &&
		(*next == 0 || *next == 43 || *next == 44 || *next == 60)) {
		const uint32_t length = *next == 44 ? 8 : 8 + 8U * frame->data[at + 1];

		is_fragment = *next == 44 && (number_at(frame, at + 2) & 0xfff9) != 0;
		*next = frame->data[at];
		at += length;
	}
	return at;
}

/* UDP and ICMPv6: the pseudo-header has both addresses, the length and the protocol. */
static void mend_upper(struct bytes *frame, uint32_t ip)
{
	uint8_t next;
	const uint32_t at = extensions_end(frame, ip, &next);
	const uint32_t end = ip + 40 + number_at(frame, ip + 4);
	uint32_t length, field, sum;
	uint16_t checksum;

	if (at + 8 > end || end > frame->length)
		return;
	length = next == 17 ? number_at(frame, at + 4) : end - at;
	field = next == 17 ? at + 6 : at + 2;
	sum = next + length;
	if (length > end - at)
		return;
	for (uint32_t i = ip + 8; i < ip + 40; i += 2)
		sum += number_at(frame, i);
	while (sum > 0xffff)
		sum -= 0xffff;
	put_number(frame, field, 0);
	checksum = slow_checksum(sum, frame->data + at, length);
	put_number(frame, field, checksum == 0 && next == 17 ? 0xffff : checksum);
}

static struct bytes mend_ipv6(struct bytes frame, uint32_t ip, unsigned int mend)
{
	if (mend & MEND_IP)
		put_number(&frame, ip + 4, (uint16_t)(frame.length - ip - 40));
	if (mend & MEND_L4)
		mend_upper(&frame, ip);
	return frame;
}

struct bytes mend_bytes(struct bytes frame)
{
	return mend_ipv6(frame, 14, MEND_L4);
}

struct bytes frame_bytes(const char *text, const struct edit *edits, unsigned int mend)
{
	struct bytes frame = bytes_of(text);
	const uint32_t ip = payload_offset(&frame);
	uint32_t header_length;

	for (; edits != NULL && edits->bytes != NULL; edits++)
		put(&frame, edits->at, edits->bytes);
	if (is_ipv6(&frame, ip) && mend != 0)
		return mend_ipv6(frame, ip, mend);
	header_length = (frame.data[ip] & 15) * 4U;
	if (mend & MEND_L4 && frame.data[ip + 9] == 17)
		mend_udp(&frame, ip, ip + header_length);
	if (mend & MEND_L4 && frame.data[ip + 9] == 1)
		mend_icmp(&frame, ip, ip + header_length);
	if (mend & MEND_IP) {
		put_number(&frame, ip + 10, 0);
		put_number(&frame, ip + 10, slow_checksum(0, frame.data + ip, header_length));
	}
	return frame;
}

static void set_ports(uint64_t *bits, unsigned int first, unsigned int last)
{
	for (unsigned int port = first; port <= last; port++)
		bits[port >> 6] |= UINT64_C(1) << (port & 63);
}

static bool is_not_them(const void *acl, struct ip_address source)
{
	assert_string_equal(acl, "the list");
	return memcmp(&source, bytes_of("00000000 00000000 0000ffff c6120001").data, 16) != 0 &&
	       memcmp(&source, bytes_of(PEER6).data, 16) != 0;
}

const struct identity *identity_of(enum who who)
{
	static const uint16_t never_answered[] = {
		0, 7, 11, 13, 17, 19, 37, 53, 69, 123, 1434, 11211};
	static struct identity identity;

	memset(&identity, 0, sizeof(identity));
	memcpy(&identity.mac, bytes_of(US).data, 6);
	if (who == WHO_NOBODY)
		return &identity;
	identity.ttl = who == WHO_TTL_9 ? 9 : 64;
	memset(&identity.ttl_kept, who == WHO_ANY ? 0 : 0xff, sizeof(identity.ttl_kept));
	identity.report_unreachable = who == WHO_REPORTS;
	identity.accept_partial = who == WHO_PARTIAL;
	identity.link_mtu = who == WHO_PARTIAL ? 40 : 0; /* as long as ECHO's packet */
	if (who == WHO_DENIES) {
		identity.source_is_allowed = is_not_them;
		identity.acl = "the list";
	}
	identity.address_count = 4;
	identity.ipv6_count = 2;
	memcpy(&identity.ipv6[0], bytes_of(OURS6 OTHER6).data, 32);
	identity.ipv4_count = 2;
	memcpy(&identity.ipv4[0], bytes_of("c6120002 c61200ff").data, 8);
	memcpy(&identity.ipv4[1], bytes_of("cb007109 cb007109").data, 8);
	if (who == WHO_ANY) {
		memset(identity.service + 1, SERVICE_ECHO, 65535);
	} else {
		identity.service[7] = SERVICE_ECHO;
		memset(identity.service + 7000, SERVICE_ECHO, 100);
		set_ports(identity.blocked.bits, 7000, 7099);
	}
	for (size_t i = 0; i < COUNT(never_answered); i++)
		set_ports(identity.blocked.bits, never_answered[i], never_answered[i]);
	return &identity;
}
