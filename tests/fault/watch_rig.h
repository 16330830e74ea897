/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An appliance on an endless device, and on one that is replayed. All cases share it and its clock:
 * their order in the list of test_watch.c matters.
 */
#ifndef FAULT_WATCH_RIG_H
#define FAULT_WATCH_RIG_H

#include "../unit/suite.h"
#include "appliance_parts.h"

extern struct config config;
extern struct appliance *appliance;
extern struct runtime *runtime; /* the appliance's, as the next */
extern struct watch *watch;
extern struct device *device;     /* the endless one */
extern struct device_watch *seen; /* what the watch saw of it */

/* What the log has said so far. */
extern struct watch_said {
	unsigned int far;    /* how often that memory is on another NUMA node */
	unsigned int missed; /* how often that the device missed frames */
	char conflict[256];  /* the last line about another station */
	char link[256];      /* the states of links, one after the other */
	char changes[256];   /* what interfaces became, one after the other */
} watch_said;

/** Starts the appliance. For cmocka, as the next. */
int watch_start(void **state);

/** Stops it. Fails the test if a frame or a packet buffer is lost count of, whatever happened. */
int watch_stop(void **state);

/** Waits until the worker has done some more rounds. */
void watch_work(void);

/** Has the watch look, after some more work, at time NOW: in seconds. */
void watch_look(double now);

/** The same, and some work after it: the announcements that have gone out by then. */
uint64_t watch_announcements(double now);

/* The cases, by what they spoil. watch_queues.c: what goes through the queues. */
void test_stuck(void **state);
void test_lost_and_quiet(void **state);
void test_exhausted(void **state);
void test_errors(void **state);

/* watch_nic.c: the NIC itself. */
void test_flaps(void **state);
void test_removal(void **state);
void test_reset(void **state);

/* watch_changes.c: the interface under it. */
void test_changes(void **state);

/* watch_claim.c: the claim to the addresses. */
void test_probe(void **state);
void test_defence(void **state);
void test_no_memory(void **state);
void test_duplicate(void **state);

#endif
