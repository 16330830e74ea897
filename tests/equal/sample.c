/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "sample.h"

#define OUR_ADDRESS   0xc6120002
#define THEIR_ADDRESS 0xc6120001

static const struct mac_address our_mac = {{2, 0, 0, 0, 0, 2}};
static const struct ip_address our_ipv6 = {{BE32(0x20010002), BE32(0), BE32(0), BE32(2)}};
static const struct ip_address their_ipv6 = {{BE32(0x20010002), BE32(0), BE32(0), BE32(1)}};

uint32_t source_below(struct source *source, uint32_t limit)
{
	return limit > 0 ? source->next(source) % limit : 0;
}

/* Not of a source of zeros, which makes bursts of nothing but plain frames. */
static bool one_in(struct source *source, uint32_t n)
{
	return source_below(source, n) == n - 1;
}

#define PICK(source, array) ((array)[source_below(source, sizeof(array) / sizeof((array)[0]))])

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

uint32_t sample_word(const struct sample *sample, uint32_t offset)
{
	return get16(sample->data + offset);
}

/* Byte by byte, and not with the library's own. */
static uint32_t slow_sum(uint32_t sum, const uint8_t *data, uint32_t length)
{
	for (uint32_t i = 0; i < length; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void sample_fix(struct sample *sample)
{
	uint8_t *ip = sample->data + 14, *udp = ip + 20;
	uint32_t length;

	if (sample->length < 42)
		return;
	put16(ip + 10, 0);
	put16(ip + 10, ~slow_sum(0, ip, 20));
	length = get16(udp + 4);
	if (get16(udp + 6) == 0 || length < 8 || 34 + length > sample->length)
		return;
	put16(udp + 6, 0);
	length = ~slow_sum(slow_sum(17 + length, ip + 12, 8), udp, length) & 0xffff;
	put16(udp + 6, length == 0 ? 0xffff : length);
}

void identity_plain(struct identity *identity)
{
	static struct port_set ports;

	port_set_add(&ports, 7);
	identity_init(identity, our_mac);
	identity_add_address(identity, ip_prefix_of_ipv4(BE32(OUR_ADDRESS), 24));
	identity_serve(identity, SERVICE_ECHO, &ports);
}

void sample_plain(struct sample *sample, uint32_t payload_length)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0};
	uint8_t *ip = sample->data + 14, *udp = ip + 20;

	*sample = (struct sample){.length = 42 + payload_length};
	for (uint32_t i = 42; i < sample->length; i++)
		sample->data[i] = (uint8_t)(i * 167 + 13);
	memcpy(sample->data, head, sizeof(head));
	put16(ip + 2, 28 + payload_length);
	ip[8] = 64;
	ip[9] = IPV4_PROTOCOL_UDP;
	put32(ip + 12, THEIR_ADDRESS);
	put32(ip + 16, OUR_ADDRESS);
	put16(udp, 40000);
	put16(udp + 2, 7);
	put16(udp + 4, 8 + payload_length);
	put16(udp + 6, 1);
	sample_fix(sample);
}

static bool some_are_allowed(const void *acl, struct ip_address source)
{
	(void)acl;
	return (be32_get(ip_address_ipv4(source)) & 3) != 3;
}

/* Of a single station. */
static void make_mac(uint8_t mac[6], struct source *source)
{
	put32(mac, source->next(source));
	put16(mac + 4, source->next(source));
	mac[0] &= 0xfe;
}

static void make_identity(struct identity *identity, struct source *source)
{
	static const uint32_t ttls[] = {1, 2, 63, 64, 65, 255};
	const uint32_t kind = source_below(source, 4);
	struct port_set ports = {0};

	identity_init(identity, our_mac);
	make_mac(identity->mac.bytes, source);
	identity_add_address(
		identity, ip_prefix_of_ipv4(BE32(OUR_ADDRESS), 8 + source_below(source, 25)));
	if (one_in(source, 4))
		for (uint32_t i = 1; i < IDENTITY_ADDRESSES_MAX; i++)
			identity_add_address(
				identity, ip_prefix_of_ipv4(BE32(OUR_ADDRESS + 0x10000 + i),
						  source_below(source, 33)));
	identity_add_address(identity, (struct ip_prefix){our_ipv6, 64});
	if (kind == 0)
		memset(&ports, 0xff, sizeof(ports));
	for (uint32_t i = 0; kind == 1 && i < 100; i++)
		port_set_add(&ports, (uint16_t)source->next(source));
	for (uint32_t i = 0; kind >= 2 && i < 100; i++)
		port_set_add(&ports, (uint16_t)(kind == 2 ? 7 : 7000 + i));
	port_set_add(&ports, 7);
	identity_serve(identity, SERVICE_ECHO, &ports);
	if (one_in(source, 2))
		identity->ttl = (uint8_t)PICK(source, ttls);
	identity->accept_partial = one_in(source, 4);
	identity->link_mtu = one_in(source, 4) ? 60 : 0;
	identity->report_unreachable = one_in(source, 4);
	if (one_in(source, 4))
		identity->source_is_allowed = some_are_allowed;
}

/* Values that lie on an edge of some check. */
static uint32_t edge_port(struct source *source)
{
	static const uint32_t ports[] = {0, 1, 6, 7, 8, 9, 11, 13, 17, 19, 31, 32, 37, 53, 69, 123,
		1434, 6999, 7000, 7050, 7099, 7100, 11211, 32767, 32768, 65535};

	return one_in(source, 3) ? source->next(source) & 0xffff : PICK(source, ports);
}

static uint32_t edge_address(struct source *source)
{
	static const uint32_t addresses[] = {0, 0x00ffffff, 0x01000000, 0x7effffff, 0x7f000001,
		0x7fffffff, 0x80000000, 0xdfffffff, 0xe0000000, 0xffffffff, OUR_ADDRESS,
		OUR_ADDRESS + 1, OUR_ADDRESS + 0x10005, 0xc61200ff, 0xc612ffff, 0xc613ffff};

	return one_in(source, 3) ? source->next(source) : PICK(source, addresses);
}

static uint32_t edge_length(struct source *source, uint32_t right)
{
	static const uint32_t lengths[] = {0, 7, 8, 19, 20, 27, 28, 29, 32767, 32768, 65535};

	if (one_in(source, 3))
		return PICK(source, lengths);
	return right + source_below(source, 9) - 4;
}

/* One thing that is not as it should be, or is, and is rare. */
static void spoil(struct sample *sample, struct source *source)
{
	static const uint32_t types[] = {0x0806, 0x8100, 0x88a8, 0x86dd, 0x0801};
	static const uint32_t fragments[] = {
		1, 0x1fff, 0x2000, 0x3fff, 0x4000, 0x8000, 0xc000, 0x0100, 0x1000};
	static const uint32_t ttls[] = {0, 1, 2, 62, 63, 64, 65, 66, 254, 255};
	static const uint32_t sums[] = {0, 1, 0xffff, 0xfffe, 0x8000};
	uint8_t *data = sample->data, *ip = data + 14, *udp = ip + 20;
	const uint32_t fix = source_below(source, 2);

	switch (source_below(source, 18)) {
	case 0:
		data[source_below(source, 6)] ^= (uint8_t)(1 << source_below(source, 8));
		break;
	case 1:
		data[6] = (uint8_t)source->next(source);
		break;
	case 2:
		put16(data + 12, PICK(source, types));
		break;
	case 3:
		ip[0] = (uint8_t)(one_in(source, 2) ? source->next(source) : 0x46);
		break;
	case 4:
		put16(ip + 2, edge_length(source, get16(ip + 2)));
		break;
	case 5:
		put16(ip + 6, PICK(source, fragments));
		break;
	case 6:
		ip[8] = (uint8_t)PICK(source, ttls);
		break;
	case 7:
		ip[9] = (uint8_t)(one_in(source, 2) ? IPV4_PROTOCOL_ICMP : source->next(source));
		break;
	case 8:
		put32(ip + 12, edge_address(source));
		break;
	case 9:
		put32(ip + 16, edge_address(source));
		break;
	case 10:
		put16(udp, edge_port(source));
		break;
	case 11:
		put16(udp + 2, edge_port(source));
		break;
	case 12:
		put16(udp + 4, edge_length(source, get16(udp + 4)));
		break;
	case 13: /* less in the datagram than in the packet */
		put16(udp + 4, 8 + source_below(source, get16(udp + 4)));
		break;
	case 14: /* partial: the pseudo-header alone, as a virtual link leaves it */
		put16(udp + 6, slow_sum(17 + get16(udp + 4), ip + 12, 8));
		return;
	case 15:
		put16((one_in(source, 2) ? ip + 10 : udp + 6), PICK(source, sums));
		return;
	case 16:
		data[source_below(source, sample->length)] ^=
			(uint8_t)(1 << source_below(source, 8));
		return;
	default:
		data[source_below(source, sample->length)] = (uint8_t)source->next(source);
		break;
	}
	if (fix)
		sample_fix(sample);
}

/*
 * Makes SAMPLE, which is plain, the same datagram in IPv6. No variant takes it, whatever lies where
 * IPv4 has its fields.
 */
static void turn_into_ipv6(struct sample *sample, struct source *source)
{
	uint8_t *ip = sample->data + 14, *udp = ip + sizeof(struct ipv6_header);
	const uint32_t length = get16(ip + 24);

	memmove(udp, ip + 20, length);
	sample->length = (uint32_t)(udp - sample->data) + length;
	put16(ip - 2, ETH_TYPE_IPV6);
	memset(ip, 0, 8);
	ip[0] = IPV6_VERSION_NUMBER << 4;
	put16(ip + 4, length);
	ip[6] = IPV6_UDP;
	ip[7] = 64;
	memcpy(ip + 8, &their_ipv6, sizeof(their_ipv6));
	memcpy(ip + 24, &our_ipv6, sizeof(our_ipv6));
	put16(udp + 6, 0);
	put16(udp + 6, ~slow_sum(slow_sum(17 + length, ip + 8, 32), udp, length));
	switch (source_below(source, 4)) {
	case 1: /* one header says IPv4, the other not */
		put16(ip - 2, ETH_TYPE_IPV4);
		break;
	case 2:
		ip[0] = IPV4_VERSION << 4 | IPV4_IHL_MIN;
		break;
	case 3: /* anything, but not that it is IPv4 */
		ip[source_below(source, sample->length - 14)] ^= (uint8_t)source->next(source);
		break;
	default: /* an echo */
		break;
	}
}

static void make_sample(
	struct sample *sample, const struct identity *identity, struct source *source)
{
	const uint32_t kind = source_below(source, 16);
	uint32_t payload = 95 - source_below(source, 96);

	if (kind == 15)
		payload = source_below(source, 1600);
	else if (kind == 14 && one_in(source, 8))
		payload = source_below(source, FRAME_MAX - 200);
	sample_plain(sample, payload);
	memcpy(sample->data, &identity->mac, sizeof(identity->mac));
	make_mac(sample->data + 6, source);
	put16(sample->data + 18, source->next(source)); /* identification: any IP checksum */
	put32(sample->data + 26, THEIR_ADDRESS + source_below(source, 4));
	if (one_in(source, 4))
		put16(sample->data + 36, edge_port(source));
	if (one_in(source, 2))
		put16(sample->data + 34, source->next(source));
	if (one_in(source, 4))
		sample->data[22] = (uint8_t)source->next(source);
	if (one_in(source, 4))
		put16(sample->data + 40, 0);
	for (uint32_t i = 42; i < sample->length && i < 50; i++)
		sample->data[i] = (uint8_t)source->next(source);
	sample_fix(sample);
	if (one_in(source, 8))
		turn_into_ipv6(sample, source);
	if (one_in(source, 3)) /* padding, with anything in it */
		for (uint32_t n = source_below(source, 100); n > 0; n--)
			sample->data[sample->length++] = (uint8_t)n;
	for (uint32_t n = source_below(source, 4); n > 1; n--)
		spoil(sample, source);
	if (one_in(source, 32))
		sample->length = source_below(source, sample->length + 1);
	sample->shift = source_below(source, 64);
	sample->verified = one_in(source, 8);
	sample->hidden = one_in(source, 32);
}

void burst_make(struct sample_burst *burst, struct source *source)
{
	static const uint32_t mtus[] = {1500, 1500, 1500, 68, 576, 9000};

	make_identity(&burst->identity, source);
	burst->mtu = PICK(source, mtus);
	burst->count = PLAIN_FRAMES_MAX - source_below(source, PLAIN_FRAMES_MAX);
	for (unsigned int i = 0; i < burst->count; i++)
		make_sample(&burst->samples[i], &burst->identity, source);
}
