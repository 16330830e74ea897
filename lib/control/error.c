/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>

#include <udpecho/error.h>

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return -code;
}

void error_prefix(struct error *error, const char *prefix)
{
	const struct error inner = *error;
	const int length = snprintf(error->text, sizeof(error->text), "%s: ", prefix);

	if (length >= 0 && (size_t)length < sizeof(error->text))
		snprintf(error->text + length, sizeof(error->text) - (size_t)length, "%s",
			inner.text);
}
