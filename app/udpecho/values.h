/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the numbers, amounts and times of the command line. */
#ifndef UDPECHO_CLIENT_VALUES_H
#define UDPECHO_CLIENT_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "output.h"

#define DIGITS "0123456789"

/* What may follow a number, and the factor that it stands for. */
struct suffix {
	const char *text; /* NULL: the last row */
	double factor;
};

extern const struct suffix amounts[]; /* 20k, 1.5M */

/** Reads a decimal number with one of SUFFIXES behind it; "" among them allows none. */
bool number_read(const char *text, const struct suffix suffixes[], double *value);

/** Reads a whole number from LEAST to MOST, such as 20k. */
bool whole_read(const char *text, double least, double most, double *value);

/** Takes a time such as 10, 10s, 1.5ms or 2h, of LEAST seconds at least; TIME in nanoseconds. */
enum status time_take(const char *name, const char *argument, double least, int64_t *time);

/** Takes a whole number from LEAST to MOST. */
enum status number_take(const char *name, const char *argument, unsigned int least,
	unsigned int most, unsigned int *number);

#endif
