/* SPDX-License-Identifier: BSD-3-Clause */
/* One case of the burst stage: the frames that it gets, and what they cost. */
#ifndef BENCH_STAGE_H
#define BENCH_STAGE_H

#include <udpecho/datapath/burst.h>
#include <udpecho/datapath/residence.h>
#include <udpecho/packet/packet.h>

#define HOT_BURSTS  8   /* 256 mbufs: some 64 KiB of headers and frames */
#define COLD_BURSTS 256 /* 8,192 mbufs: 18 MiB, and no burst twice in a row */

struct bench_case {
	const char *name;
	unsigned int size;     /* bytes of a frame, without FCS */
	unsigned int bad_each; /* one frame in so many is bad; 0: none */
	unsigned int ports;    /* served, from 7000 on; 0: port 7; 65535: any */
	unsigned int burst;    /* frames; 0: BURST_SIZE */
	bool ipv6;
	bool no_checksum;
	bool verified; /* the device has found the UDP checksums good */
	bool limits;
	bool acl;
	bool residence;
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

/** Ends the program, saying WHAT, unless CONDITION holds. */
void require(bool condition, const char *what);

/** Sets up BENCH for ROW: its identity, its limits, its requests. */
void bench_prepare(
	struct bench *bench, const struct bench_case *row, const struct variant *variant);

/** Frees what bench_prepare() got. */
void bench_release(struct bench *bench);

/** Answers one burst, and requires the verdicts of the case, so that nothing wrong is measured. */
void bench_check(struct bench *bench);

/** Instructions a packet. */
double bench_instructions(struct bench *bench);

/** The same with residence time, as the mean of RESIDENCE_SAMPLE bursts. */
double bench_residence_instructions(struct bench *bench);

/** Cycles a packet over BURSTS bursts in a row: the best round and the median. */
void bench_cycles(struct bench *bench, unsigned int bursts, double *best, double *median);

/** The same with residence time, and the median of the ratios to without it. */
void bench_residence_cycles(
	struct bench *bench, unsigned int bursts, double *best, double *median, double *ratio);

#endif
