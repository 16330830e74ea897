/* SPDX-License-Identifier: BSD-3-Clause */
/* What happens while it runs, through DPDK's log: to standard error, a line each. */
#ifndef UDPECHO_LOG_H
#define UDPECHO_LOG_H

#include <stdbool.h>

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

/**
 * Whether a message that could come too often may come at time NOW, in seconds: once in ten. LAST,
 * when it last did, is 0 at first.
 */
bool log_may(double *last, double now);

#endif
