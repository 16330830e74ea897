/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints results on standard output, and errors on standard error. */
#ifndef UDPECHO_CLIENT_OUTPUT_H
#define UDPECHO_CLIENT_OUTPUT_H

#include <stdbool.h>

#include "exit.h"

/**
 * Gives every standard stream a descriptor, so that no socket gets the number of a stream. A closed
 * standard input is an error only if INPUT, that is, if the program will read it.
 */
enum status report_open(bool input);

/** From now on results go to standard error, as a file takes standard output. */
void report_move(void);

/** Prints text on standard output and flushes it, so that each line is seen at once. */
enum status report_result(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Prints TEXT of any length, and ends the line. */
enum status report_long(const char *text);

/** Prints one line, `udpecho: WHAT: WHY`, on standard error. Always returns STATUS_FAILED. */
enum status report_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The same for a wrong command line, with a hint at --help. Always returns STATUS_USAGE. */
enum status report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The system's words for an errno value, in lower case: `connection refused`. */
const char *report_errno(int error);

/** The same for what getaddrinfo() returned; for EAI_SYSTEM, errno tells. */
const char *report_gai(int error);

#endif
