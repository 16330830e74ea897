/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers, amounts and times, as the command line has them. */
#ifndef UDPECHO_CLIENT_VALUES_H
#define UDPECHO_CLIENT_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "output.h"

#define DIGITS "0123456789"

/* What may follow a number, and what it multiplies it by. */
struct suffix {
	const char *text; /* NULL: the last row */
	double factor;
};

extern const struct suffix amounts[]; /* 20k, 1.5M */

/** Reads a decimal number that is followed by one of SUFFIXES, or by nothing if "" is one of them.
 */
bool number_read(const char *text, const struct suffix suffixes[], double *value);

/** Reads a whole amount from LEAST to MOST. */
bool whole_read(const char *text, double least, double most, double *value);

/** Takes a time such as 10, 10s, 1.5ms or 2h, of LEAST seconds at least; TIME in nanoseconds. */
enum status time_take(const char *name, const char *argument, double least, int64_t *time);

/** Takes a whole number from LEAST to MOST. */
enum status number_take(const char *name, const char *argument, unsigned int least,
	unsigned int most, unsigned int *number);

#endif
