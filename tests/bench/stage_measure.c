/* SPDX-License-Identifier: BSD-3-Clause */
/* What a burst costs: instructions, stepped through in a child process, and cycles. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "stage.h"

#define ROUNDS 200

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

void bench_check(struct bench *bench)
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

double bench_instructions(struct bench *bench)
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

/* One burst of them is measured, and the others are all alike. */
double bench_residence_instructions(struct bench *bench)
{
	double measured, others;

	bench->residence.bursts = 0;
	others = bench_instructions(bench);
	bench->residence.bursts = RESIDENCE_SAMPLE - 1;
	measured = bench_instructions(bench);
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

void bench_cycles(struct bench *bench, unsigned int bursts, double *best, double *median)
{
	const unsigned int rounds = bursts > HOT_BURSTS ? ROUNDS / 10 : ROUNDS;
	double results[ROUNDS];

	for (unsigned int round = 0; round < rounds; round++)
		results[round] = time_bursts(bench, bursts, false);
	*median = median_of(results, rounds);
	*best = results[0];
}

/*
 * Rounds with residence time and without it take turns, as a slow spell costs more than what is
 * looked for. Each round has a burst that is measured: the median
 * would hide those of one round in eight.
 */
void bench_residence_cycles(
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
