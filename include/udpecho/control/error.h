/* SPDX-License-Identifier: BSD-3-Clause */
/* Why something failed: one line that names the culprit, for main to print. */
#ifndef UDPECHO_ERROR_H
#define UDPECHO_ERROR_H

#include <stdbool.h>

struct error {
	char text[1024];
	bool is_usage; /* it is what the operator asked for: the same start fails again */
};

/**
 * Writes the line, without a newline and without the program's name, and returns -CODE, so that
 * the caller can say `return error_set(error, EINVAL, "option --mac: %s: ...", text)`. Control
 * characters become question marks.
 */
int error_set(struct error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** The same, for what is wrong usage or configuration: -EINVAL. */
int error_set_usage(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Puts the prefix and ": " before the line: the option, say, or the place in a file that it is
 * about. */
void error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
