/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the burst stage costs, without a driver: instructions, counted by stepping through it, and
 * TSC cycles, with mbufs in the level 2 cache and beyond it. One line of JSON for each variant and
 * case, on standard output.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_branch_prediction.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/burst.h>
#include <udpecho/datapath/residence.h>
#include <udpecho/packet/packet.h>

#define HOT_BURSTS  8   /* 256 mbufs: some 64 KiB of headers and frames */
#define COLD_BURSTS 256 /* 8,192 mbufs: 18 MiB, and no burst twice in a row */
#define ROUNDS      200

struct bench_case {
	const char *name;
	unsigned int size;     /* bytes of a frame, without FCS */
	unsigned int bad_each; /* one frame in so many is bad; 0: none */
	unsigned int ports;    /* served, from 7000 on; 0: port 7; 65535: any */
	unsigned int burst;    /* frames; 0: BURST_SIZE */
	bool no_checksum;
	bool verified; /* the device has found the UDP checksums good */
	bool limits;
	bool acl;
	bool residence;
};

static const struct bench_case cases[] = {
	{.name = "all good", .size = 60},
	{.name = "with residence time", .size = 60, .residence = true},
	{.name = "all good, no UDP checksum", .size = 60, .no_checksum = true},
	{.name = "UDP checksums verified by the device", .size = 60, .verified = true},
	{.name = "1 bad in 8", .size = 60, .bad_each = 8},
	{.name = "all bad", .size = 60, .bad_each = 1},
	{.name = "1000 ports", .size = 60, .ports = 1000},
	{.name = "any port", .size = 60, .ports = 65535},
	{.name = "rate limits", .size = 60, .limits = true},
	{.name = "access list", .size = 60, .acl = true},
	{.name = "both", .size = 60, .limits = true, .acl = true},
	{.name = "bursts of 1", .size = 60, .burst = 1},
	{.name = "bursts of 2", .size = 60, .burst = 2},
	{.name = "bursts of 4", .size = 60, .burst = 4},
	{.name = "bursts of 8", .size = 60, .burst = 8},
	{.name = "128 bytes", .size = 128},
	{.name = "512 bytes", .size = 512},
	{.name = "1024 bytes", .size = 1024},
	{.name = "1500 bytes", .size = 1500},
	{.name = "1500 bytes, verified by the device", .size = 1500, .verified = true},
};

/* Everything of one case. */
struct bench {
	const struct bench_case *row;
	struct identity identity;
	struct counters counters;
	struct stage stage;
	struct arp_notes arp_notes;
	struct residence residence;
	unsigned int burst_size;
	uint8_t requests[BURST_SIZE][2048];
	struct rte_mbuf *mbufs[COLD_BURSTS][BURST_SIZE];
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "stage: %s\n", what);
	exit(1);
}

/* A datagram from its own source and port, to one of the served ports. */
static void make_request(const struct bench *bench, unsigned int i, uint8_t *frame)
{
	const struct bench_case *row = bench->row;
	const uint16_t port = (uint16_t)(row->ports == 0 ? 7 : 7000 + i * 31 % row->ports);
	const uint16_t length = (uint16_t)(row->size - 34);
	const be32_t source = BE32(0xc6120100 + i * 7), destination = BE32(0xc6120002);
	struct eth_header *eth = (struct eth_header *)frame;
	struct ipv4_header *ip = (struct ipv4_header *)(eth + 1);
	struct udp_header *udp = (struct udp_header *)(ip + 1);

	for (unsigned int j = 0; j < row->size; j++)
		frame[j] = (uint8_t)(i * 31 + j * 7);
	*eth = (struct eth_header){bench->identity.mac, {{2, 0, 0, 0, 0, 1}}, BE16(ETH_TYPE_IPV4)};
	*ip = (struct ipv4_header){.version_ihl = 0x45,
		.total_length = BE16(row->size - 14),
		.identification = BE16(i),
		.ttl = 64,
		.protocol = IPV4_PROTOCOL_UDP,
		.source = source,
		.destination = destination};
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
	*udp = (struct udp_header){BE16(40000 + i * 13), BE16(port), BE16(length), BE16(0)};
	if (!row->no_checksum)
		udp->checksum =
			checksum_finish(checksum_add(checksum_pseudo_header(source, destination,
							     IPV4_PROTOCOL_UDP, BE16(length)),
				udp, length));
	if (row->bad_each != 0 && i % row->bad_each == 0)
		ip->identification.raw ^= 0x5555;
}

static void serve(struct bench *bench)
{
	struct port_set ports = {0};

	identity_init(&bench->identity, (struct mac_address){{2, 0, 0, 0, 0, 2}});
	identity_add_address(&bench->identity, BE32(0xc6120002), 15);
	if (bench->row->ports == 0)
		port_set_add(&ports, 7);
	for (unsigned int i = 0; i < bench->row->ports; i++)
		port_set_add(&ports, (uint16_t)(bench->row->ports == 65535 ? i + 1 : 7000 + i));
	identity_serve(&bench->identity, &ports);
}

/* Lists and limits that every frame is looked up in, and none is held back by. */
static void restrict_sources(struct bench *bench)
{
	static const struct acl_rule rules[] = {{0, 0, false}, {0xc6120000, 15, true}};
	static const struct limits_config limits = {
		.echo = {RATE_MAX, RATE_MAX}, .prefix_length = 24};

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

static void unrestrict_sources(struct bench *bench)
{
	rte_free(bench->stage.limits);
	acl_free((struct acl *)(uintptr_t)bench->identity.acl);
}

static void restore(struct bench *bench, unsigned int bursts)
{
	for (unsigned int i = 0; i < bursts; i++)
		for (unsigned int j = 0; j < bench->burst_size; j++) {
			struct rte_mbuf *mbuf = bench->mbufs[i][j];

			rte_pktmbuf_reset(mbuf);
			if (bench->row->verified)
				mbuf->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
			memcpy(rte_pktmbuf_append(mbuf, (uint16_t)bench->row->size),
				bench->requests[j], bench->row->size);
		}
}

/* With RESIDENCE, a constant, as poll_queue() measures it; without, nothing of that is left. */
static __rte_always_inline void answer(struct bench *bench, struct burst *burst, bool residence)
{
	uint64_t came = 0;

	if (residence && unlikely(residence_is_due(&bench->residence)))
		came = rte_rdtsc();
	burst_answer(&bench->stage, burst);
	if (unlikely(came != 0))
		residence_add_ticks(&bench->residence, rte_rdtsc() - came);
}

static void receive(const struct bench *bench, unsigned int index, struct burst *burst)
{
	burst->count = bench->burst_size;
	memcpy(burst->frames, bench->mbufs[index], burst->count * sizeof(burst->frames[0]));
}

/* So that nothing is measured that does not work. */
static void check(struct bench *bench)
{
	const unsigned int bad_each = bench->row->bad_each;
	struct burst burst;

	restore(bench, 1);
	receive(bench, 0, &burst);
	answer(bench, &burst, false);
	for (unsigned int i = 0; i < burst.count; i++)
		require(burst.verdicts[i] == (bad_each != 0 && i % bad_each == 0
							     ? VERDICT_IP_CHECKSUM
							     : VERDICT_UDP_ECHO),
			"an unexpected verdict");
}

/* Instructions between two stops of CHILD. */
static uint64_t count_steps(pid_t child)
{
	uint64_t steps = 0;
	int status;

	do {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		waitpid(child, &status, 0);
		require(WIFSTOPPED(status), "the stepped process ended early");
		steps++;
	} while (WSTOPSIG(status) == SIGTRAP);
	return steps;
}

/* Stops three times: first with nothing in between, then with the answer to BURST. */
static __rte_always_inline void be_stepped(struct bench *bench, struct burst *burst, bool residence)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	raise(SIGSTOP);
	answer(bench, burst, residence);
	raise(SIGSTOP);
	_exit(0);
}

/* On its own: two in one function would share their end, and the other rows pay for the jump. */
static __rte_noinline void be_stepped_with_residence(struct bench *bench, struct burst *burst)
{
	be_stepped(bench, burst, true);
}

static double count_instructions(struct bench *bench)
{
	uint64_t empty, all;
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct burst burst;

		for (unsigned int i = 0; i < 4; i++) { /* the first time binds symbols */
			restore(bench, 1);
			receive(bench, 0, &burst);
			answer(bench, &burst, false);
		}
		restore(bench, 1);
		receive(bench, 0, &burst);
		if (bench->row->residence)
			be_stepped_with_residence(bench, &burst);
		be_stepped(bench, &burst, false);
	}
	waitpid(child, &status, 0);
	empty = count_steps(child);
	all = count_steps(child);
	ptrace(PTRACE_CONT, child, NULL, NULL);
	waitpid(child, &status, 0);
	return (double)(all - empty) / bench->burst_size;
}

/* The mean of RESIDENCE_SAMPLE bursts: one that is measured, and others that are all alike. */
static double count_residence_instructions(struct bench *bench)
{
	double measured, others;

	bench->residence.bursts = 0;
	others = count_instructions(bench);
	bench->residence.bursts = RESIDENCE_SAMPLE - 1;
	measured = count_instructions(bench);
	return (others * (RESIDENCE_SAMPLE - 1) + measured) / RESIDENCE_SAMPLE;
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Leaves VALUES sorted. */
static double median_of(double *values, unsigned int count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return values[count / 2];
}

/* Cycles a packet over BURSTS bursts in a row. */
static __rte_always_inline double time_bursts(
	struct bench *bench, unsigned int bursts, bool residence)
{
	struct burst burst;
	uint64_t start;

	restore(bench, bursts);
	start = rte_rdtsc_precise();
	for (unsigned int i = 0; i < bursts; i++) {
		receive(bench, i, &burst);
		answer(bench, &burst, residence);
	}
	return (double)(rte_rdtsc_precise() - start) / (bursts * bench->burst_size);
}

/* The best round and the median. */
static void count_cycles(struct bench *bench, unsigned int bursts, double *best, double *median)
{
	const unsigned int rounds = bursts > HOT_BURSTS ? ROUNDS / 10 : ROUNDS;
	double results[ROUNDS];

	for (unsigned int round = 0; round < rounds; round++)
		results[round] = time_bursts(bench, bursts, false);
	*median = median_of(results, rounds);
	*best = results[0];
}

/*
 * With residence time, and the median of the ratios to without it: the two take turns, as a slow
 * spell costs more than what is looked for. Each round has a burst that is measured: the median
 * would hide those of one round in eight.
 */
static void count_residence_cycles(
	struct bench *bench, unsigned int bursts, double *best, double *median, double *ratio)
{
	const unsigned int turns = RTE_MAX(RESIDENCE_SAMPLE / bursts, 1U);
	double results[ROUNDS], ratios[ROUNDS];

	for (unsigned int round = 0; round < ROUNDS; round++) {
		double without = 0, with = 0;

		for (unsigned int i = 0; i < turns; i++) {
			without += time_bursts(bench, bursts, false);
			with += time_bursts(bench, bursts, true);
		}
		results[round] = with / turns;
		ratios[round] = with / without;
	}
	*median = median_of(results, ROUNDS);
	*best = results[0];
	*ratio = median_of(ratios, ROUNDS);
}

static void run(struct bench *bench, const struct bench_case *row, const struct variant *variant)
{
	double hot_best, hot, hot_ratio, cold_best, cold, cold_ratio, instructions;

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
	check(bench);
	if (row->residence) {
		instructions = count_residence_instructions(bench);
		count_residence_cycles(bench, HOT_BURSTS, &hot_best, &hot, &hot_ratio);
		count_residence_cycles(bench, COLD_BURSTS, &cold_best, &cold, &cold_ratio);
	} else {
		instructions = count_instructions(bench);
		count_cycles(bench, HOT_BURSTS, &hot_best, &hot);
		count_cycles(bench, COLD_BURSTS, &cold_best, &cold);
	}
	unrestrict_sources(bench);
	printf("{\"variant\": \"%s\", \"case\": \"%s\", \"instructions\": %.2f, "
	       "\"hot\": %.1f, \"hot_best\": %.1f, \"cold\": %.1f, \"cold_best\": %.1f",
		variant->name, row->name, instructions, hot, hot_best, cold, cold_best);
	if (row->residence)
		printf(", \"hot_ratio\": %.4f, \"cold_ratio\": %.4f", hot_ratio, cold_ratio);
	puts("}");
}

static bool cpu_has(const struct variant *variant)
{
	if (variant->bits == 256)
		return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) == 1;
	return variant->bits < 256 || rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512BW) == 1;
}

int main(void)
{
	static struct bench bench; /* too large for the stack */
	char *arguments[] = {"stage", "--no-huge", "-m", "256", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l0", "--log-level=error"};
	unsigned int count;
	const struct variant *variants = plain_variants(&count);
	struct rte_mempool *pool;

	require(rte_eal_init(RTE_DIM(arguments), arguments) >= 0, "EAL does not start");
	pool = rte_pktmbuf_pool_create(
		"pool", COLD_BURSTS * BURST_SIZE, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	require(pool != NULL, "no memory for mbufs");
	for (unsigned int i = 0; i < COLD_BURSTS; i++)
		require(rte_pktmbuf_alloc_bulk(pool, bench.mbufs[i], BURST_SIZE) == 0, "no mbufs");
	for (size_t i = 0; i < RTE_DIM(cases); i++)
		for (unsigned int j = 0; j < count; j++)
			if (cpu_has(&variants[j]))
				run(&bench, &cases[i], &variants[j]);
	rte_eal_cleanup();
	return 0;
}
