/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One sender of datagrams in fragments, in floods of fragments whose rest never comes: how many of
 * its datagrams become whole. The clock is the test's own, so each row counts the same everywhere.
 */
#include <stdio.h>
#include <string.h>

#include <rte_mbuf.h>

#include <udpecho/datapath/reassembly.h>

#include "../unit/suite.h"
#include "rig.h"

#define TICKS     UINT64_C(10000000) /* a second */
#define MBUFS_MAX 2047               /* as on a NIC of one queue */
#define PAYLOAD   8
#define SENDER    0xc6120001
#define DATAGRAMS 40
#define FILLING   5000 /* fragments of a flood, more than there is room for */

struct row {
	const char *about;
	unsigned int rate;    /* fragments of the flood in a second */
	unsigned int length;  /* fragments of the flood with one identification */
	bool is_spoofed;      /* each datagram of the flood is from another source */
	unsigned int pieces;  /* of each of the sender's datagrams */
	unsigned int spacing; /* microseconds between them */
};

static const struct row rows[] = {
	{"no flood, 45 pieces", 0, 1, true, 45, 12},
	{"205 spoofed a second, 2 pieces", 205, 1, true, 2, 50},
	{"1,000 spoofed a second, 45 pieces", 1000, 1, true, 45, 12},
	{"10,000 spoofed a second, 45 pieces, slowly", 10000, 1, true, 45, 1000},
	{"100,000 spoofed a second, 45 pieces", 100000, 1, true, 45, 12},
	{"1,000,000 spoofed a second, 2 pieces", 1000000, 1, true, 2, 50},
	{"1,000,000 spoofed a second, 45 pieces", 1000000, 1, true, 45, 12},
	{"1,000,000 spoofed a second in datagrams of 100, 45 pieces", 1000000, 100, true, 45, 12},
	{"1,000,000 a second from one source, 2 pieces, slowly", 1000000, 1, false, 2, 100000},
	{"1,000,000 a second from one source in datagrams of 100, 45 pieces, slowly", 1000000, 100,
		false, 45, 1000},
};

static struct rte_mempool *pool;

static struct reassembly *make_table(struct counters *counters)
{
	struct reassembly *table;

	if (pool == NULL) {
		rig_init();
		pool = rte_pktmbuf_pool_create("flood", 2 * MBUFS_MAX + 1, 0, 0,
			RTE_PKTMBUF_HEADROOM + 128, SOCKET_ID_ANY);
		assert_non_null(pool);
	}
	table = reassembly_create(TICKS, MBUFS_MAX, counters, 1, SOCKET_ID_ANY);
	assert_non_null(table);
	return table;
}

/* A fragment of which reassembly reads the addresses, the identification and the place. */
static struct rte_mbuf *make(
	uint32_t source, uint32_t number, unsigned int piece, bool more, struct ip_packet *packet)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(pool);
	struct eth_header *eth;
	struct ipv4_header *ip;

	assert_non_null(frame);
	eth = (struct eth_header *)rte_pktmbuf_append(frame, sizeof(*eth) + sizeof(*ip) + PAYLOAD);
	memset(eth, 0, sizeof(*eth) + sizeof(*ip) + PAYLOAD);
	eth->type = BE16(ETH_TYPE_IPV4);
	ip = (struct ipv4_header *)(eth + 1);
	ip->source = BE32(source);
	ip->destination = BE32(0xc6120002);
	ip->identification = BE16(number & 0xffff);
	ip->protocol = IPV4_PROTOCOL_UDP;
	ip->fragment = BE16(piece * PAYLOAD / 8 | (more ? IPV4_MORE_FRAGMENTS : 0));
	*packet = (struct ip_packet){.family = IP_FAMILY_IPV4,
		.offset = sizeof(*eth),
		.fragment = sizeof(*eth),
		.payload = sizeof(*eth) + sizeof(*ip),
		.payload_length = PAYLOAD};
	return frame;
}

/* Whether the fragment made its datagram whole. */
static bool put(struct reassembly *table, uint32_t source, uint32_t number, unsigned int piece,
	bool more, uint64_t now)
{
	struct ip_packet packet;
	struct rte_mbuf *frame = make(source, number, piece, more, &packet);
	enum verdict verdict;
	const bool is_whole = reassembly_add(table, &frame, &packet, now, &verdict);

	if (is_whole || verdict == VERDICT_IP_FRAGMENT)
		rte_pktmbuf_free(frame);
	return is_whole;
}

struct flood {
	const struct row *row;
	uint64_t next; /* when its next fragment comes */
	uint64_t sent;
	uint64_t seed;
	uint32_t source;
};

/* What the flood sends until NOW. */
static void flood(struct flood *flood, struct reassembly *table, uint64_t now)
{
	const struct row *row = flood->row;

	if (row->rate == 0)
		return;
	for (; flood->next <= now; flood->next += TICKS / row->rate, flood->sent++) {
		const unsigned int piece = (unsigned int)(flood->sent % row->length);

		if (piece == 0 && row->is_spoofed) {
			flood->seed = flood->seed * UINT64_C(6364136223846793005) +
				      UINT64_C(1442695040888963407);
			flood->source = (uint32_t)(flood->seed >> 32);
		}
		put(table, flood->source, (uint32_t)(flood->sent / row->length), piece, true,
			flood->next);
	}
}

static void test_flood(void **state)
{
	const struct row *row = *state;
	struct counters counters = {0};
	struct flood others = {.row = row, .seed = 1, .source = 0x0a000001};
	struct reassembly *table = make_table(&counters);
	uint64_t now = 6 * TICKS;
	unsigned int whole = 0;

	/* By now the flood has all that it can get: it has filled the table, or waited for longer
	 * than anything lives. */
	if (row->rate > FILLING)
		others.next = now - FILLING * (TICKS / row->rate);
	for (unsigned int i = 0; i < DATAGRAMS; i++) {
		for (unsigned int j = 0; j < row->pieces; j++) {
			flood(&others, table, now);
			whole += put(table, SENDER, i, j, j + 1 < row->pieces, now);
			now += row->spacing * TICKS / 1000000;
		}
		now += TICKS / 1000;
	}
	printf("# %s: %u of %u whole\n", row->about, whole, DATAGRAMS);
	reassembly_free(table);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	assert_true(counters.fragments_evicted <= counters.fragments_expired);
	assert_int_equal(whole, DATAGRAMS);
}

/* No source has it all, and what it can't have of others' it takes from itself. */
static void test_share(void **state)
{
	struct counters counters = {0};
	struct reassembly *table = make_table(&counters);

	(void)state;
	for (unsigned int i = 0; i < 2000; i++)
		put(table, SENDER, i, 0, true, 1);
	assert_int_equal(rte_mempool_in_use_count(pool), 512);
	assert_int_equal(counters.fragments_evicted, 2000 - 512);
	assert_false(put(table, SENDER, 2000 - 513, 1, false, 1)); /* the youngest of them */
	assert_true(put(table, SENDER, 1999, 1, false, 1));
	reassembly_free(table);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

int main(void)
{
	SUITE_ADD(rows, test_flood);
	suite_add("one source has half of the table", test_share);
	return suite_run("flood");
}
