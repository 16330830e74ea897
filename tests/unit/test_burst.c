/* SPDX-License-Identifier: BSD-3-Clause */
/* What the burst stage makes of what the device says about UDP checksums, whatever the variant. */
#include <string.h>

#include <rte_mbuf.h>

#include <udpecho/datapath/burst.h>

#include "frames.h"
#include "suite.h"

#define WRONG   "c06a"
#define LEFT    "8c4d" /* the folded sum of the pseudo-header */
#define GOOD    RTE_MBUF_F_RX_L4_CKSUM_GOOD
#define BAD     RTE_MBUF_F_RX_L4_CKSUM_BAD
#define NONE    RTE_MBUF_F_RX_L4_CKSUM_NONE
#define UNKNOWN RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN
#define VXLAN   (RTE_PTYPE_L4_UDP | RTE_PTYPE_TUNNEL_VXLAN | RTE_PTYPE_INNER_L4_UDP)

struct row {
	const char *about;
	uint64_t flags;
	uint32_t packet_type;
	bool tagged;             /* and so not plain */
	const char *checksum;    /* of UDP, instead of the right one */
	const char *ip_checksum; /* likewise */
	enum verdict verdict;
	uint64_t verified, partial; /* counted */
};

static const struct row rows[] = {
	{"nothing said, right", UNKNOWN, .verdict = VERDICT_UDP_ECHO},
	{"nothing said, wrong", UNKNOWN, .checksum = WRONG, .verdict = VERDICT_UDP_CHECKSUM},
	{"good, right", GOOD, .verdict = VERDICT_UDP_ECHO, .verified = 1},
	{"good is taken at its word", GOOD, .checksum = WRONG, .verdict = VERDICT_UDP_ECHO,
		.verified = 1},
	{"bad is not", BAD, .verdict = VERDICT_UDP_ECHO},
	{"bad, wrong", BAD, .checksum = WRONG, .verdict = VERDICT_UDP_CHECKSUM},
	{"left to do, and so it is", NONE, .checksum = LEFT, .verdict = VERDICT_UDP_ECHO,
		.partial = 1},
	{"left to do, wrong", NONE, .checksum = WRONG, .verdict = VERDICT_UDP_CHECKSUM},
	{"of a tunnel, right", GOOD, VXLAN, .verdict = VERDICT_UDP_ECHO},
	{"of a tunnel, it may be about another", GOOD, VXLAN, .checksum = WRONG,
		.verdict = VERDICT_UDP_CHECKSUM},
	{"good, with a tag", GOOD, .tagged = true, .checksum = WRONG, .verdict = VERDICT_UDP_ECHO,
		.verified = 1},
	{"nothing said, with a tag, wrong", UNKNOWN, .tagged = true, .checksum = WRONG,
		.verdict = VERDICT_UDP_CHECKSUM},
	{"good, but the IPv4 header is not", GOOD, .ip_checksum = "e36a",
		.verdict = VERDICT_IP_CHECKSUM},
};

static bool cpu_has(const struct variant *variant)
{
#ifdef __x86_64__
	if (variant->bits == 256)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
	if (variant->bits == 512)
		return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
	(void)variant;
#endif
	return true;
}

static struct bytes make_frame(const struct row *row)
{
	struct edit edits[3] = {0};
	unsigned int count = 0;

	if (row->checksum != NULL)
		edits[count++] =
			(struct edit){AT_UDP_CHECKSUM + (row->tagged ? 4 : 0), row->checksum};
	if (row->ip_checksum != NULL)
		edits[count++] = (struct edit){AT_IP_CHECKSUM, row->ip_checksum};
	return frame_bytes(row->tagged ? TO_US "81000005 0800 " ECHO_IP ECHO_UDP : ECHO, edits, 0);
}

/* The row's frame at the place AT of a burst; the others are sound, and nothing is said of them. */
static void check(
	const struct row *row, const struct variant *variant, unsigned int count, unsigned int at)
{
	static const struct row sound;
	static uint8_t buffers[BURST_SIZE][RTE_PKTMBUF_HEADROOM + FRAME_BYTES_MAX];
	struct rte_mbuf mbufs[BURST_SIZE];
	struct counters counters = {0};
	struct arp_notes arp_notes = {0};
	const struct stage stage = {.identity = identity_of(WHO_ECHO),
		.variant = variant,
		.mtu = 1500,
		.timestamp_offset = -1,
		.arp_notes = &arp_notes,
		.counters = &counters};
	struct burst burst = {.count = count};

	for (unsigned int i = 0; i < count; i++) {
		const struct row *its = i == at ? row : &sound;
		const struct bytes frame = make_frame(its);

		mbufs[i] = (struct rte_mbuf){.buf_addr = buffers[i],
			.buf_len = sizeof(buffers[i]),
			.data_off = RTE_PKTMBUF_HEADROOM,
			.nb_segs = 1,
			.ol_flags = its->flags,
			.packet_type = its->packet_type,
			.data_len = (uint16_t)frame.length,
			.pkt_len = frame.length};
		memcpy(buffers[i] + RTE_PKTMBUF_HEADROOM, frame.data, frame.length);
		burst.frames[i] = &mbufs[i];
	}
	burst_answer(&stage, &burst);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(burst.verdicts[i], i == at ? row->verdict : VERDICT_UDP_ECHO);
	assert_int_equal(counters.verified_checksums, row->verified);
	assert_int_equal(counters.partial_checksums, row->partial);
}

static void test_checksums(void **state)
{
	static const unsigned int sizes[] = {1, 2, 8, BURST_SIZE};
	unsigned int variant_count;
	const struct variant *variants = plain_variants(&variant_count);

	for (unsigned int i = 0; i < variant_count; i++)
		for (unsigned int j = 0; cpu_has(&variants[i]) && j < COUNT(sizes); j++)
			for (unsigned int at = 0; at < sizes[j]; at++)
				check(*state, &variants[i], sizes[j], at);
}

int main(void)
{
	SUITE_ADD(rows, test_checksums);
	return suite_run("burst");
}
