/* SPDX-License-Identifier: BSD-3-Clause */
/* Logs what happens while udpechod runs: lines on standard error, through DPDK's log. */
#ifndef UDPECHO_LOG_H
#define UDPECHO_LOG_H

#include <stdbool.h>

#include <rte_log.h>

/** Parses "error" to "debug" into RTE_LOG_ERR to RTE_LOG_DEBUG. Returns false for other texts. */
bool log_level_parse(const char *text, unsigned int *level);

/** Returns the name of LEVEL. */
const char *log_level_name(unsigned int level);

/**
 * Shows our messages of LEVEL and worse, with priorities if standard error is the journal. DPDK
 * must have started.
 */
void log_open(unsigned int level);

/** Leaves the log to DPDK again. */
void log_close(void);

/** Logs a line after the name of the program. FORMAT has no line feed. Any thread may call it. */
void log_say(unsigned int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * Returns whether a message may be logged at time NOW, in seconds: at most once in ten seconds.
 * LAST is the time of the last message, which this updates, and 0 at first.
 */
bool log_may(double *last, double now);

#endif
