/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fragments, in any order, overlapping in any way, in mbufs that hold few bytes: what the table
 * makes of each is compared with a model, whole datagrams byte by byte. After each input every mbuf
 * is back in its pool.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <udpecho/datapath/chain.h>
#include <udpecho/datapath/reassembly.h>

#include "fuzz.h"
#include "model.h"

#define POOL_SIZE     511
#define ROOM          256 /* of an mbuf, behind its headroom */
#define MBUFS_MAX     300
#define TICKS         100 /* a second */
#define TIMEOUT       (5 * TICKS)
#define STEPS_MAX     400
#define FRAME_LONGEST 1600
#define SOURCE        8 /* the bit of a key that says from whom */

static struct rte_mempool *pool;
static struct reassembly *table;
static struct counters counters; /* the table's */
static struct identity identity;

/*
 * At the first input, as EAL's memory is shared through a fork: what one child of AFL++'s that is
 * ended leaves behind, the next would find.
 */
static void start(void)
{
	char lcore[32];
	char *eal[] = {"fuzz_reassembly", "--no-huge", "--no-pci", "--no-telemetry", "--no-shconf",
		"--log-level=error", "-m", "64", lcore};
	struct port_set ports;
	cpu_set_t cores;

	sched_getaffinity(0, sizeof(cores), &cores);
	snprintf(lcore, sizeof(lcore), "--lcores=0@%d", sched_getcpu());
	require(rte_eal_init(sizeof(eal) / sizeof(eal[0]), eal) >= 0, "no EAL");
	pool = rte_pktmbuf_pool_create(
		"fuzz", POOL_SIZE, 0, 0, RTE_PKTMBUF_HEADROOM + ROOM, SOCKET_ID_ANY);
	table = reassembly_create(TICKS, MBUFS_MAX, &counters, 0, SOCKET_ID_ANY);
	require(pool != NULL && table != NULL, "no memory");
	sched_setaffinity(0, sizeof(cores), &cores); /* EAL's one core may be another's too */
	memset(&ports, 0xff, sizeof(ports));
	identity_init(&identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	identity_add_address(&identity, ip_prefix_of_ipv4(BE32(0xc6120002), 24));
	identity_add_address(&identity, ip_prefix_of_ipv4(BE32(0xcb007109), 32));
	identity_serve(&identity, SERVICE_ECHO, &ports);
}

/* A fragment as the input has it, in one run. */
struct request {
	uint32_t key;
	uint32_t ip; /* where its IPv4 header is */
	uint32_t length;
	struct piece piece;
	uint8_t bytes[FRAME_LONGEST];
};

/*
 * What most fuzzers would take long to guess is made right: the headers, the checksum, and that
 * nearly all are pieces of few datagrams, of a few sizes. The payload is different for each step.
 */
static void make_request(struct request *request, struct input *input, unsigned int step)
{
	const uint8_t who = input_byte(input), shape = input_byte(input);
	const uint32_t options = shape & 7, tags = shape >> 3 & 3;
	const bool far = shape & 64, far_end = shape & 128;
	const uint32_t offset = far ? input_number(input) & IPV4_OFFSET_MASK : input_byte(input);
	const uint32_t size = input_below(input, far_end ? 1400 : 64) * (far_end ? 1 : 8);
	struct eth_header *eth = (struct eth_header *)request->bytes;
	struct ipv4_header *ip;
	uint8_t *payload;

	*eth = (struct eth_header){.destination = identity.mac,
		.source = {{2, 0, 0, 0, 0, 1}},
		.type = BE16(tags > 0 ? ETH_TYPE_VLAN : ETH_TYPE_IPV4)};
	for (uint32_t i = 0; i < tags && i < 2; i++)
		*(struct vlan_tag *)(request->bytes + 14 + 4 * i) =
			(struct vlan_tag){.control = BE16(who & 1),
				.type = BE16(i == 0 && tags > 1 ? ETH_TYPE_VLAN : ETH_TYPE_IPV4)};
	request->ip = 14 + 4 * (tags < 2 ? tags : 2);
	ip = (struct ipv4_header *)(request->bytes + request->ip);
	request->piece = (struct piece){.first = offset * 8,
		.end = offset * 8 + size,
		.last = !(who & 128),
		.header_length = 20 + 4 * options};
	*ip = (struct ipv4_header){
		.version_ihl = (uint8_t)(IPV4_VERSION << 4 | (IPV4_IHL_MIN + options)),
		.total_length = BE16(request->piece.header_length + size),
		.identification = BE16(who >> 1 & 1),
		.fragment = BE16(offset | (who & 128 ? IPV4_MORE_FRAGMENTS : 0)),
		.ttl = 64,
		.protocol = who & 4 ? IPV4_PROTOCOL_ICMP : IPV4_PROTOCOL_UDP,
		.source = BE32(0xc6120001 + (who >> 3 & 1) * 8),
		.destination = BE32(who & 16 ? 0xcb007109 : 0xc6120002),
	};
	memset(ip + 1, IPV4_OPTION_NOP, 4 * options);
	ip->checksum = checksum_finish(checksum_add(0, ip, request->piece.header_length));
	payload = (uint8_t *)ip + request->piece.header_length;
	for (uint32_t i = 0; i < size; i++)
		payload[i] = (uint8_t)(step * 31 + i * 7 + (i >> 8));
	request->length = request->ip + request->piece.header_length + size;
	/* Where there is a tag, its number is a part of the key. */
	request->key = (who & 0x1e) | (request->ip - 14) << 8 | (tags > 0 ? who & 1 : 0);
}

/* The bytes in a chain of mbufs, the first of which holds FIRST of them at most. */
static struct rte_mbuf *mbufs_of(const struct request *request, uint32_t first)
{
	struct rte_mbuf *head = NULL, *tail = NULL;
	uint32_t at = 0;

	do {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
		const uint32_t room = at == 0 ? first : ROOM;
		const uint32_t left = request->length - at;
		const uint16_t here = (uint16_t)(left < room ? left : room);

		require(mbuf != NULL, "the pool is smaller than what the table may hold");
		memcpy(rte_pktmbuf_append(mbuf, here), request->bytes + at, here);
		at += here;
		if (head == NULL) {
			head = mbuf;
		} else {
			tail->next = mbuf;
			head->nb_segs++;
			head->pkt_len += here;
		}
		tail = mbuf;
	} while (at < request->length);
	return head;
}

static void check_whole(struct rte_mbuf *whole, const struct request *first, uint32_t header_length,
	const uint8_t *payload, uint32_t length)
{
	static uint8_t bytes[FRAME_LONGEST + MODEL_BYTES];
	const uint32_t total = first->ip + header_length + length;
	const uint8_t *got = rte_pktmbuf_read(whole, 0, total, bytes);
	const struct ipv4_header *ip;

	rte_mbuf_sanity_check(whole, 1);
	require(whole->pkt_len == total && got != NULL, "the datagram has another length");
	ip = (const struct ipv4_header *)(got + first->ip);
	require(memcmp(got, first->bytes, first->ip) == 0, "another Ethernet header or tag");
	require(be16_get(ip->total_length) == header_length + length, "another total length");
	require((be16_get(ip->fragment) & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) == 0,
		"it is a fragment still");
	require(checksum_finish(checksum_add(0, ip, header_length)).raw == 0,
		"the header's checksum is wrong");
	require(memcmp(got + total - length, payload, length) == 0, "another payload");
}

/* All that the model may have to remember until the end of an input. */
static struct request requests[STEPS_MAX];
static struct model model;
static uint8_t payload[MODEL_BYTES];

static void step(unsigned int number, struct input *input, uint64_t now)
{
	struct request *request = &requests[number];
	uint32_t length = 0, first_mbuf;
	struct piece first = {0};
	struct segment rest[CHAIN_SEGMENTS_MAX];
	struct datagram datagram;
	struct rte_mbuf *mbuf;
	struct frame frame;
	enum outcome expected;
	enum verdict verdict;
	bool is_whole;

	make_request(request, input, number);
	first_mbuf = 1 + input_below(input, ROOM);
	mbuf = mbufs_of(request, first_mbuf);
	chain_pull_headers(mbuf);
	frame = (struct frame){.data = rte_pktmbuf_mtod(mbuf, uint8_t *),
		.contiguous = mbuf->data_len,
		.length = chain_list(mbuf, rest),
		.rest = rest};
	if (packet_read(&frame, &identity, &datagram) != VERDICT_IP_FRAGMENT_KEPT) {
		rte_pktmbuf_free(mbuf); /* not sound, or no fragment */
		return;
	}
	request->piece.mbufs = mbuf->nb_segs;
	request->piece.payload =
		request->bytes + request->length - (request->piece.end - request->piece.first);
	expected = model_add(&model, request->key, request->key & SOURCE, &request->piece, now,
		payload, &length, &first);
	is_whole = reassembly_add(table, &mbuf, &datagram.packet, now, &verdict);
	require(is_whole == (expected == OUTCOME_WHOLE) &&
			(!is_whole && verdict == VERDICT_IP_FRAGMENT_KEPT) ==
				(expected == OUTCOME_KEPT),
		"another outcome than the model's");
	if (is_whole)
		for (unsigned int i = 0; i <= number; i++)
			if (requests[i].piece.payload == first.payload)
				check_whole(
					mbuf, &requests[i], first.header_length, payload, length);
	if (is_whole || verdict == VERDICT_IP_FRAGMENT)
		rte_pktmbuf_free(mbuf);
}

/* The one table is used for all inputs: it is empty after each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint64_t now = 1000;

	if (table == NULL)
		start();
	memset(&model, 0, offsetof(struct model, datagrams));
	model.timeout = TIMEOUT;
	model.mbufs_max = MBUFS_MAX;
	memset(&counters, 0, sizeof(counters));
	for (unsigned int number = 0; number < STEPS_MAX && input.size > 0; number++) {
		const uint8_t pass = input_byte(&input);

		if (pass >= 192)
			now += (uint64_t)(pass - 192) * 20;
		if (pass >= 188 &&
			pass < 192) /* the clock is set back, by less than TIMEOUT or more */
			now -= RTE_MIN(now, (uint64_t)(pass - 187) * 200);
		step(number, &input, now);
		require(counters.fragments_expired == model.expired,
			"another number of fragments expired");
		require(counters.fragments_evicted == model.evicted, "others were evicted");
		require(rte_mempool_in_use_count(pool) == model_mbufs(&model),
			"mbufs are lost, or too many");
	}
	reassembly_expire(table, UINT64_MAX);
	model_expire(&model, UINT64_MAX);
	require(counters.fragments_expired == model.expired,
		"another number of fragments expired in the end");
	require(rte_mempool_in_use_count(pool) == 0, "an mbuf is not given back");
	return 0;
}
