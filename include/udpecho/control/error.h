/* SPDX-License-Identifier: BSD-3-Clause */
/* Why something failed: one line that main prints. It names the option, file or device. */
#ifndef UDPECHO_ERROR_H
#define UDPECHO_ERROR_H

#include <stdbool.h>

struct error {
	char text[1024];
	bool is_usage; /* the operator asked for something wrong: the same start fails again */
};

/**
 * Writes the line, without a newline and without the program's name, and returns -CODE, so that
 * the caller can say `return error_set(error, EINVAL, "option --mac: %s: ...", text)`. Control
 * characters become question marks.
 */
int error_set(struct error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Does the same for wrong usage or a wrong configuration, and returns -EINVAL. */
int error_set_usage(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Puts a prefix and ": " before the line, such as the option or the place in a file. */
void error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
