/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <udpecho/control/log.h>

#include "foreign.h"

#define INTERVAL 10 /* seconds between two messages of one kind */

static const struct {
	const char *name;
	unsigned int level;
} levels[] = {
	{"error", RTE_LOG_ERR},
	{"warning", RTE_LOG_WARNING},
	{"notice", RTE_LOG_NOTICE},
	{"info", RTE_LOG_INFO},
	{"debug", RTE_LOG_DEBUG},
};

RTE_LOG_REGISTER(udpechod_log, udpechod, WARNING);

static FILE *stream;
static bool to_journal;

bool log_level_parse(const char *text, unsigned int *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].name, text) == 0) {
			*level = levels[i].level;
			return true;
		}
	return false;
}

const char *log_level_name(unsigned int level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			return levels[i].name;
	return "unknown";
}

/* systemd.exec(5): $JOURNAL_STREAM is DEVICE:INODE of the stream that the journal reads. */
static bool is_journal(void)
{
	const char *journal = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat status;

	if (journal == NULL || fstat(STDERR_FILENO, &status) < 0)
		return false;
	snprintf(own, sizeof(own), "%lu:%lu", (unsigned long)status.st_dev,
		(unsigned long)status.st_ino);
	return strcmp(own, journal) == 0;
}

/* Writes one message of rte_log(), which is ours or a driver's. */
static ssize_t write_message(void *cookie, const char *text, size_t size)
{
	char line[1280];
	int length;

	(void)cookie;
	/* sd-daemon(3): the journal takes the levels of syslog, from 0; DPDK's begin at 1. */
	if (to_journal)
		length = snprintf(line, sizeof(line), "<%d>%.*s", rte_log_cur_msg_loglevel() - 1,
			(int)size, text);
	else
		length = snprintf(line, sizeof(line), "%.*s", (int)size, text);
	if (length >= (int)sizeof(line))
		length = (int)sizeof(line) - 1;
	/* One write() for each line keeps lines whole when several threads log. */
	return write(STDERR_FILENO, line, (size_t)length) < 0 ? 0 : (ssize_t)size;
}

void log_open(unsigned int level)
{
	static const cookie_io_functions_t functions = {.write = write_message};

	to_journal = is_journal();
	stream = fopencookie(NULL, "w", functions);
	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 1024);
	rte_openlog_stream(stream);
	if (rte_log_get_global_level() < level)
		rte_log_set_global_level(level);
	rte_log_set_level(udpechod_log, level);
}

void log_close(void)
{
	rte_openlog_stream(NULL);
	if (stream != NULL)
		fclose(stream);
	stream = NULL;
}

void log_say(unsigned int level, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	foreign_tame(text);
	rte_log(level, (uint32_t)udpechod_log, "udpechod: %s\n", text);
}

bool log_may(double *last, double now)
{
	if (*last != 0 && now >= *last && now - *last < INTERVAL)
		return false;
	*last = now;
	return true;
}
