/* SPDX-License-Identifier: BSD-3-Clause */
#include "values.h"

#include <stdlib.h>
#include <string.h>

#include "deadline.h"

/* strtod() also reads signs, blanks, "nan", "0x1p3" and "1e9": these are refused here. */
bool number_read(const char *text, const struct suffix suffixes[], double *value)
{
	const size_t length = strspn(text, DIGITS ".");
	char *end;

	if (length == 0)
		return false;
	*value = strtod(text, &end);
	if (end != text + length)
		return false;
	for (; suffixes->text != NULL; suffixes++)
		if (strcmp(end, suffixes->text) == 0) {
			*value *= suffixes->factor;
			return true;
		}
	return false;
}

static const struct suffix times[] = {
	{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"m", 60}, {"h", 3600}, {"", 1}, {NULL, 0}};
const struct suffix amounts[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {NULL, 0}};

bool whole_read(const char *text, double least, double most, double *value)
{
	return number_read(text, amounts, value) && *value >= least && *value <= most &&
	       *value == (double)(uint64_t)*value;
}

enum status time_take(const char *name, const char *argument, double least, int64_t *time)
{
	double value;

	if (!number_read(argument, times, &value) || value < least || value > 86400)
		return report_usage("--%s=%s: not a time, such as 10s, 5ms or 2h; at least %s, at "
				    "most a day",
			name, argument, least < 0.001 ? "1us" : "1ms");
	*time = (int64_t)(value * (double)NANOSECONDS_PER_SECOND);
	return STATUS_DONE;
}

enum status number_take(const char *name, const char *argument, unsigned int least,
	unsigned int most, unsigned int *number)
{
	double value;

	if (!whole_read(argument, least, most, &value))
		return report_usage(
			"--%s=%s: not a number from %u to %u", name, argument, least, most);
	*number = (unsigned int)value;
	return STATUS_DONE;
}
