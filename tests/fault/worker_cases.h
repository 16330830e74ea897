/* SPDX-License-Identifier: BSD-3-Clause */
/* The cases of test_worker.c that are in other files. All use one rig, one after the other. */
#ifndef FAULT_WORKER_CASES_H
#define FAULT_WORKER_CASES_H

#include "../unit/suite.h"
#include "rig.h"

#define MANY 4095 /* mbufs: more than any case uses up */

extern struct rig rig; /* a case opens it, and its teardown closes it */

/* worker_arp.c: the ARP that the worker sends of its own accord. */
void test_vlans(void **state);
void test_many_vlans(void **state);
void test_stations(void **state);

/* worker_clock.c: the clock and the TSC go back and forth. */
void test_reassembly_back(void **state);
void test_reassembly_forward(void **state);
void test_limits_back(void **state);
void test_limits_forward(void **state);
void test_drops(void **state);
void test_tsc(void **state);
void test_tsc_reassembly(void **state);

#endif
