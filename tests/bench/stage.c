/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the burst stage costs, without a driver: instructions, counted by stepping through it, and
 * TSC cycles, with mbufs in the level 2 cache and beyond it. One line of JSON for each variant and
 * case, on standard output.
 */
#include <stdio.h>
#include <stdlib.h>

#include <rte_cpuflags.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "stage.h"

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
	{.name = "IPv6", .size = 80, .ipv6 = true},
	{.name = "IPv6, rate limits", .size = 80, .ipv6 = true, .limits = true},
	{.name = "IPv6, access list", .size = 80, .ipv6 = true, .acl = true},
};

void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "stage: %s\n", what);
	exit(1);
}

static void run(struct bench *bench, const struct bench_case *row, const struct variant *variant)
{
	double hot_best, hot, hot_ratio, cold_best, cold, cold_ratio, instructions;

	bench_prepare(bench, row, variant);
	bench_check(bench);
	if (row->residence) {
		instructions = bench_residence_instructions(bench);
		bench_residence_cycles(bench, HOT_BURSTS, &hot_best, &hot, &hot_ratio);
		bench_residence_cycles(bench, COLD_BURSTS, &cold_best, &cold, &cold_ratio);
	} else {
		instructions = bench_instructions(bench);
		bench_cycles(bench, HOT_BURSTS, &hot_best, &hot);
		bench_cycles(bench, COLD_BURSTS, &cold_best, &cold);
	}
	bench_release(bench);
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
