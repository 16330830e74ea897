/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens while it runs, through DPDK's log: to standard error, a line each. */
#ifndef UDPECHO_LOG_H
#define UDPECHO_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_log.h>

/** "error" to "debug", as DPDK's levels RTE_LOG_ERR to RTE_LOG_DEBUG. False: none of these. */
bool log_level_parse(const char *text, unsigned int *level);

/** The name of such a LEVEL. */
const char *log_level_name(unsigned int level);

/**
 * Shows our messages from LEVEL on; with the journal's priorities where standard error is the
 * journal's. To be called once DPDK has started.
 */
void log_open(unsigned int level);

/** Gives the log back to DPDK. */
void log_close(void);

/** Logs a line, without a line feed; it is preceded by the program's name. From any thread. */
void log_say(unsigned int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of a message that could come too often: when it last did, and what was left out since. */
struct log_pace {
	double last; /* seconds */
	uint64_t left_out;
};

/** Whether a message may come at time NOW, in seconds: once in ten. Counts what may not. */
bool log_may(struct log_pace *pace, double now);

#endif
