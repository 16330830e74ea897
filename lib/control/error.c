/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <udpecho/control/error.h>

#include "foreign.h"

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	foreign_tame(error->text);
	error->is_usage = false;
	return -code;
}

int error_set_usage(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	foreign_tame(error->text);
	error->is_usage = true;
	return -EINVAL;
}

void error_prefix(struct error *error, const char *format, ...)
{
	const struct error inner = *error;
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	length = strlen(error->text);
	snprintf(error->text + length, sizeof(error->text) - length, ": %s", inner.text);
	foreign_tame(error->text);
}
