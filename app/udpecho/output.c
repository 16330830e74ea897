/* SPDX-License-Identifier: BSD-3-Clause */
#include "output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cancel.h"

#define LINE_MAX_BYTES 2048

/* An error is one line, whatever characters a host name or an option has. */
static void __attribute__((format(printf, 1, 0)))
line_print(const char *format, va_list arguments, const char *hint)
{
	char line[LINE_MAX_BYTES];

	(void)vsnprintf(line, sizeof(line), format, arguments);
	for (char *letter = line; *letter != '\0'; letter++) {
		if (iscntrl((unsigned char)*letter))
			*letter = '?';
	}
	(void)fprintf(stderr, "udpecho: %s%s\n", line, hint);
}

/* Libraries start their messages with a capital, and ours end with theirs. */
static const char *words_lower(const char *message)
{
	static char words[256];

	(void)snprintf(words, sizeof(words), "%s", message);
	if (!isupper((unsigned char)words[1]))
		words[0] = (char)tolower((unsigned char)words[0]);
	return words;
}

enum status report_open(bool input)
{
	/* Otherwise a socket could get descriptor 0, and be read as the input. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 &&
		(input || open("/dev/null", O_RDONLY) != STDIN_FILENO))
		return report_failure("read standard input: %s", report_errno(errno));
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return report_failure("write standard output: %s", report_errno(errno));

	/* Or it could get descriptor 2, and error messages would be sent to the peer. */
	if (fcntl(STDERR_FILENO, F_GETFD) < 0 && open("/dev/null", O_WRONLY) != STDERR_FILENO)
		return STATUS_FAILED;
	return STATUS_DONE;
}

static bool is_moved; /* results go to standard error */

void report_move(void)
{
	is_moved = true;
}

/*
 * Waits until standard output can be written: it may be a full pipe that nobody reads. A pipe that
 * is ready takes PIPE_BUF bytes without blocking (pipe(7)), and we never print more at a time.
 */
static enum status output_wait(void)
{
	struct pollfd output = {.fd = is_moved ? STDERR_FILENO : STDOUT_FILENO, .events = POLLOUT};
	const struct timespec patience = {
		.tv_nsec = 500000000L}; /* another thread may get the signal */

	for (;;) {
		const int ready = ppoll(&output, 1, &patience, cancel_mask());
		enum status status = cancel_status();

		if (ready > 0 || (ready < 0 && errno != EINTR))
			return STATUS_DONE;
		if (status != STATUS_DONE) {
			(void)report_failure("write standard output: %s", cancel_word(status));
			return status;
		}
	}
}

enum status report_result(const char *format, ...)
{
	va_list arguments;
	enum status status;
	int printed;

	status = output_wait();
	if (status != STATUS_DONE)
		return status;
	va_start(arguments, format);
	printed = vfprintf(is_moved ? stderr : stdout, format, arguments);
	va_end(arguments);
	if (printed < 0 || fflush(is_moved ? stderr : stdout) != 0)
		return report_failure("write standard output: %s", report_errno(errno));
	return STATUS_DONE;
}

enum status report_long(const char *text)
{
	for (; *text != '\0'; text += strnlen(text, PIPE_BUF)) {
		enum status status = report_result("%.*s", PIPE_BUF, text);

		if (status != STATUS_DONE)
			return status;
	}
	return report_result("\n");
}

enum status report_failure(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line_print(format, arguments, "");
	va_end(arguments);
	return STATUS_FAILED;
}

enum status report_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line_print(format, arguments, "; try 'udpecho --help'");
	va_end(arguments);
	return STATUS_USAGE;
}

const char *report_errno(int error)
{
	return words_lower(strerror(error));
}

const char *report_gai(int error)
{
	return words_lower(error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
}
