/* SPDX-License-Identifier: BSD-3-Clause */
/* What the client says: results on standard output, errors on standard error, and its status. */
#ifndef UDPECHO_CLIENT_OUTPUT_H
#define UDPECHO_CLIENT_OUTPUT_H

#include <stdbool.h>

#include "exit.h"

/**
 * Gives every standard stream a descriptor, so that a socket never takes the number of one. Without
 * a standard input, an error only where INPUT is wanted.
 */
enum status report_open(bool input);

/** From now on results go to standard error, as something else has standard output for itself. */
void report_move(void);

/** Prints text on standard output and flushes it, so that each line is seen when it happens. */
enum status report_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Prints TEXT of any length, and ends the line. */
enum status report_long(const char *text);

/** Prints one line, `udpecho: WHAT: WHY`, on standard error. Always returns STATUS_FAILED. */
enum status report_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The same for a wrong command line, with a hint where to look. Always returns STATUS_USAGE. */
enum status report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The system's words for an errno value, spelt as the middle of a line: `connection refused`. */
const char *report_errno(int error);

/** The same for what getaddrinfo returns; EAI_SYSTEM is looked up in errno. */
const char *report_gai(int error);

#endif
