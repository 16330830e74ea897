/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain frames in portable C, one at a time: what the vectors do, with words of 32 and 64 bits as
 * they lie in memory.
 */
#include <string.h>

#include <udpecho/checksum.h>

#include "plain.h"

/* What is the same in all plain frames, and which of its bits count; as it lies in memory. */
struct expected {
	uint64_t head, mask;
	uint32_t type, type_mask;
	uint32_t fragment_mask;
};

static inline uint64_t load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint32_t load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline be16_t be16_at(const uint8_t *at)
{
	be16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline be32_t be32_at(const uint8_t *at)
{
	be32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline struct mac_address mac_at(const uint8_t *at)
{
	struct mac_address mac;

	memcpy(&mac, at, sizeof(mac));
	return mac;
}

static struct expected expect(const struct identity *identity)
{
	/* Of the source's MAC the group bit counts, and of the IPv4 header's start not the TOS. */
	static const uint8_t mask[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0};
	static const uint8_t type[4] = {
		ETH_TYPE_IPV4 >> 8, ETH_TYPE_IPV4 & 0xff, IPV4_VERSION << 4 | IPV4_IHL_MIN};
	static const uint8_t type_mask[4] = {0xff, 0xff, 0xff, 0};
	static const uint8_t fragment[4] = {0, 0, 0x3f, 0xff};
	uint8_t head[8] = {0};

	memcpy(head, &identity->mac, sizeof(identity->mac));
	return (struct expected){
		.head = load64(head),
		.mask = load64(mask),
		.type = load32(type),
		.type_mask = load32(type_mask),
		.fragment_mask = load32(fragment),
	};
}

static inline bool addresses_are_wrong(
	const struct identity *identity, be32_t source, be32_t destination)
{
	const uint32_t network = be32_get(source) >> 24;
	bool ours = false, wrong = network == 0 || network == 127 || network >= 224;

	for (unsigned int i = 0; i < identity->address_count; i++) {
		const struct local_address *local = &identity->addresses[i];

		ours |= be32_equal(destination, local->address);
		wrong |= be32_equal(source, local->address) | be32_equal(source, local->broadcast);
	}
	return wrong | !ours;
}

/* Whether a sum of few words folds to 0xffff: twice, as the first may carry. */
static inline bool sum_is_right(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum & 0xffff) + (sum >> 16)) == 0xffff;
}

static bool udp_sum_is_right(const uint8_t *data, uint32_t udp_length)
{
	const checksum_sum sum = checksum_pseudo_header(be32_at(data + PLAIN_ADDRESSES),
		be32_at(data + PLAIN_DESTINATION), IPV4_PROTOCOL_UDP, BE16(udp_length));

	return sum_is_right(checksum_add(sum, data + PLAIN_UDP, udp_length));
}

/* TTL, protocol and checksum of the reply: RFC 1624, equation 3, as checksum_update() does it. */
static inline uint32_t make_ttl(const uint8_t *data, uint32_t ttl)
{
	const be16_t after = BE16(ttl << 8 | IPV4_PROTOCOL_UDP);
	const be16_t word[2] = {after,
		checksum_update(be16_at(data + PLAIN_TTL + 2), be16_at(data + PLAIN_TTL), after)};

	return load32((const uint8_t *)word);
}

static inline bool read_frame(const struct identity *identity, const struct expected *expected,
	struct plain_frames *frames, unsigned int i)
{
	const uint8_t *const data = frames->data[i];
	const uint32_t length = frames->length[i];
	uint32_t total_length, udp_length, ttl, wrong;
	be16_t port;

	if (length < PLAIN_LENGTH_MIN)
		return false;
	total_length = be16_get(be16_at(data + PLAIN_IP + 2));
	udp_length = be16_get(be16_at(data + PLAIN_UDP + 4));
	wrong = (load32(data + 12) ^ expected->type) & expected->type_mask;
	wrong |= load32(data + PLAIN_IP + 4) & expected->fragment_mask;
	wrong |= data[PLAIN_TTL + 1] ^ IPV4_PROTOCOL_UDP;
	wrong |= total_length ^ (udp_length + 20);
	if (((load64(data) ^ expected->head) & expected->mask) != 0 || wrong != 0 ||
		udp_length < 8 || total_length + PLAIN_IP > length || total_length > frames->mtu)
		return false;
	if (!sum_is_right((uint64_t)load32(data + PLAIN_IP) + load32(data + PLAIN_IP + 4) +
			  load32(data + PLAIN_TTL) + load32(data + PLAIN_ADDRESSES) +
			  load32(data + PLAIN_DESTINATION)))
		return false;
	port = be16_at(data + PLAIN_UDP + 2);
	if (addresses_are_wrong(
		    identity, be32_at(data + PLAIN_ADDRESSES), be32_at(data + PLAIN_DESTINATION)) ||
		!port_set_has(&identity->served, port) ||
		port_set_has(&identity->blocked, be16_at(data + PLAIN_UDP)))
		return false;
	/* The reply's TTL: ours, or where that is no loop guard, one less than the request's. */
	ttl = identity->ttl;
	if (data[PLAIN_TTL] <= ttl && !port_set_has(&identity->ttl_kept, port)) {
		if (data[PLAIN_TTL] <= 1)
			return false;
		ttl = data[PLAIN_TTL] - 1U;
	}
	if (be16_at(data + PLAIN_UDP + 6).raw != 0 && !(frames->verified >> i & 1) &&
		!udp_sum_is_right(data, udp_length))
		return false;
	frames->reply_ttl[i] = make_ttl(data, ttl);
	frames->reply_length[i] = total_length + PLAIN_IP;
	frames->padded |= (uint32_t)(total_length + PLAIN_IP < length) << i;
	return true;
}

uint32_t plain_read_scalar(const struct identity *identity, struct plain_frames *frames)
{
	const struct expected expected = expect(identity);
	uint32_t set = 0;

	frames->padded = 0;
	for (unsigned int i = 0; i < frames->count; i++)
		set |= (uint32_t)read_frame(identity, &expected, frames, i) << i;
	return set;
}

/* All of a frame is loaded before any of it is stored: what is stored overlaps. */
void plain_write_scalar(const struct plain_frames *frames, uint32_t set)
{
	for (; set != 0; set &= set - 1) {
		const size_t i = (size_t)__builtin_ctz(set);
		uint8_t *const data = frames->data[i];
		const struct mac_address to = mac_at(data), from = mac_at(data + 6);
		const uint32_t source = load32(data + PLAIN_ADDRESSES);
		const uint32_t destination = load32(data + PLAIN_DESTINATION);
		const be16_t source_port = be16_at(data + PLAIN_UDP);
		const be16_t destination_port = be16_at(data + PLAIN_UDP + 2);

		memcpy(data, &from, sizeof(from));
		memcpy(data + sizeof(from), &to, sizeof(to));
		memcpy(data + PLAIN_TTL, &frames->reply_ttl[i], 4);
		memcpy(data + PLAIN_ADDRESSES, &destination, sizeof(destination));
		memcpy(data + PLAIN_DESTINATION, &source, sizeof(source));
		memcpy(data + PLAIN_UDP, &destination_port, sizeof(destination_port));
		memcpy(data + PLAIN_UDP + 2, &source_port, sizeof(source_port));
	}
}
