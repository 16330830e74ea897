/* SPDX-License-Identifier: BSD-3-Clause */
/* Why something failed: one line that names the culprit, for main to print. */
#ifndef UDPECHO_ERROR_H
#define UDPECHO_ERROR_H

struct error {
	char text[1024];
};

/**
 * Writes the line, without a newline and without the program's name, and returns -CODE, so that
 * the caller can say `return error_set(error, EINVAL, "option --mac: %s: ...", text)`. Control
 * characters become question marks.
 */
int error_set(struct error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Puts the prefix and ": " before the line: the option, say, or the place in a file that it is
 * about. */
void error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
