/* SPDX-License-Identifier: BSD-3-Clause */
/* What a case is set up with: the requests, and the identity that they are for. */
#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_malloc.h>

#include <udpecho/datapath/acl.h>

#include "stage.h"

static const struct ip_address our_ipv6 = {{BE32(0x20010002), BE32(0), BE32(0), BE32(2)}};

/* Writes the IPv4 header at START, and returns the sum of the pseudo-header of the datagram. */
static checksum_sum write_ipv4(const struct bench_case *row, unsigned int i, uint8_t *start)
{
	const uint16_t length = (uint16_t)(row->size - sizeof(struct eth_header));
	struct ipv4_header *ip = (struct ipv4_header *)start;

	*ip = (struct ipv4_header){.version_ihl = 0x45,
		.total_length = BE16(length),
		.identification = BE16(i),
		.ttl = 64,
		.protocol = IPV4_PROTOCOL_UDP,
		.source = BE32(0xc6120100 + i * 7),
		.destination = BE32(0xc6120002)};
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
	if (row->bad_each != 0 && i % row->bad_each == 0)
		ip->identification.raw ^= 0x5555;
	return checksum_pseudo_header(
		ip->source, ip->destination, IPV4_PROTOCOL_UDP, BE16(length - sizeof(*ip)));
}

/* The same of IPv6. */
static checksum_sum write_ipv6(const struct bench_case *row, unsigned int i, uint8_t *start)
{
	const uint16_t length =
		(uint16_t)(row->size - sizeof(struct eth_header) - sizeof(struct ipv6_header));
	struct ipv6_header *ip = (struct ipv6_header *)start;

	*ip = (struct ipv6_header){.version_class_label = BE32(0x60000000),
		.payload_length = BE16(length),
		.next_header = IPV4_PROTOCOL_UDP,
		.hop_limit = 64,
		.source = {{BE32(0x20010002), BE32(0), BE32(0), BE32(0x100 + i * 7)}},
		.destination = our_ipv6};
	return checksum_pseudo_header6(&ip->source, &ip->destination, IPV4_PROTOCOL_UDP, length);
}

/* A datagram from its own source and port, to one of the served ports. */
static void make_request(const struct bench *bench, unsigned int i, uint8_t *frame)
{
	const struct bench_case *row = bench->row;
	const uint16_t port = (uint16_t)(row->ports == 0 ? 7 : 7000 + i * 31 % row->ports);
	const size_t header = row->ipv6 ? sizeof(struct ipv6_header) : sizeof(struct ipv4_header);
	const uint16_t length = (uint16_t)(row->size - sizeof(struct eth_header) - header);
	struct eth_header *eth = (struct eth_header *)frame;
	uint8_t *ip = (uint8_t *)(eth + 1);
	struct udp_header *udp = (struct udp_header *)(ip + header);
	checksum_sum sum;

	for (unsigned int j = 0; j < row->size; j++)
		frame[j] = (uint8_t)(i * 31 + j * 7);
	*eth = (struct eth_header){bench->identity.mac, {{2, 0, 0, 0, 0, 1}},
		row->ipv6 ? BE16(ETH_TYPE_IPV6) : BE16(ETH_TYPE_IPV4)};
	sum = row->ipv6 ? write_ipv6(row, i, ip) : write_ipv4(row, i, ip);
	*udp = (struct udp_header){BE16(40000 + i * 13), BE16(port), BE16(length), BE16(0)};
	if (!row->no_checksum)
		udp->checksum = checksum_finish(checksum_add(sum, udp, length));
}

static void serve(struct bench *bench)
{
	struct port_set ports = {0};

	identity_init(&bench->identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	identity_add_address(&bench->identity, ip_prefix_of_ipv4(BE32(0xc6120002), 15));
	if (bench->row->ipv6)
		identity_add_address(&bench->identity, (struct ip_prefix){our_ipv6, 48});
	if (bench->row->ports == 0)
		port_set_add(&ports, 7);
	for (unsigned int i = 0; i < bench->row->ports; i++)
		port_set_add(&ports, (uint16_t)(bench->row->ports == 65535 ? i + 1 : 7000 + i));
	identity_serve(&bench->identity, SERVICE_ECHO, &ports);
}

/* Lists and limits that every frame is looked up in, and none is held back by. */
static void restrict_sources(struct bench *bench)
{
	const struct acl_rule rules[] = {{ip_prefix_of_ipv4(BE32(0), 0), false},
		{ip_prefix_of_ipv4(BE32(0xc6120000), 15), true}, {{{{{0}}}, 0}, false},
		{{ip_address_network(our_ipv6, 48), 48}, true}};
	static const struct limits_config limits = {
		.echo = {RATE_MAX, RATE_MAX}, .prefix_length = 24, .prefix6_length = 64};

	if (bench->row->limits) {
		bench->stage.limits = limits_create(&limits, rte_get_tsc_hz(), 1, SOCKET_ID_ANY);
		require(bench->stage.limits != NULL, "no memory for limits");
	}
	if (bench->row->acl) {
		struct acl *acl = acl_create(rules, RTE_DIM(rules), SOCKET_ID_ANY);

		require(acl != NULL && acl_add(acl, rules, RTE_DIM(rules)) == 0,
			"no memory for an access list");
		bench->identity.acl = acl;
		bench->identity.source_is_allowed = acl_allows;
	}
}

void bench_release(struct bench *bench)
{
	rte_free(bench->stage.limits);
	acl_free((struct acl *)(uintptr_t)bench->identity.acl);
}

void bench_prepare(struct bench *bench, const struct bench_case *row, const struct variant *variant)
{
	bench->row = row;
	bench->burst_size = row->burst != 0 ? row->burst : BURST_SIZE;
	serve(bench);
	bench->residence.tick_ns = 1e9 / (double)rte_get_tsc_hz();
	bench->stage = (struct stage){.identity = &bench->identity,
		.variant = variant,
		.mtu = RTE_ETHER_MTU,
		.timestamp_offset = -1,
		.arp_notes = &bench->arp_notes,
		.counters = &bench->counters};
	restrict_sources(bench);
	for (unsigned int i = 0; i < BURST_SIZE; i++)
		make_request(bench, i, bench->requests[i]);
}
