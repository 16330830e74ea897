/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/hush.h"

/* A process has one of each stream, and so one of these. */
static int buffer = -1;
static int saved[] = {-1, -1, -1}; /* copies of standard output and error, by number */
static off_t mark;

/* Sends STREAM to a copy of FILE. Returns false if STREAM is unchanged. */
static bool divert(int stream, int file)
{
	if (file >= 0)
		saved[stream] = fcntl(stream, F_DUPFD_CLOEXEC, 3);
	if (saved[stream] >= 0)
		dup2(file, stream);
	return saved[stream] >= 0;
}

static void restore(int stream)
{
	if (saved[stream] < 0)
		return;
	dup2(saved[stream], stream);
	close(saved[stream]);
	saved[stream] = -1;
}

void hush_begin(bool wanted)
{
	int nowhere;

	fflush(stdout);
	fflush(stderr);
	mark = 0;
	/* EAL prints its usage to standard output, which belongs to the report. */
	if (!wanted) {
		divert(STDOUT_FILENO, STDERR_FILENO);
		return;
	}
	nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	buffer = memfd_create("hush", MFD_CLOEXEC);
	/* If that fails, show all messages rather than none. */
	if (!divert(STDOUT_FILENO, nowhere) || !divert(STDERR_FILENO, buffer))
		hush_end();
	if (nowhere >= 0)
		close(nowhere);
}

void hush_end(void)
{
	fflush(stdout);
	fflush(stderr);
	restore(STDOUT_FILENO);
	restore(STDERR_FILENO);
	if (buffer >= 0)
		close(buffer);
	buffer = -1;
}

void hush_mark(void)
{
	if (buffer < 0)
		return;
	fflush(stderr);
	mark = lseek(buffer, 0, SEEK_END);
}

/* Returns LINE without "EAL: " and "rte_function(): ". */
static const char *strip(const char *line)
{
	const char *colon;

	while ((colon = strstr(line, ": ")) != NULL &&
		strcspn(line, " ") == (size_t)(colon - line) + 1)
		line = colon + 2;
	return line;
}

const char *hush_why(const char *otherwise)
{
	static char text[4096];
	char *rest = NULL, *line;
	ssize_t length;

	if (buffer < 0)
		return otherwise;
	fflush(stderr);
	length = pread(buffer, text, sizeof(text) - 1, mark);
	text[length > 0 ? length : 0] = '\0';
	/* The first message says why. Later ones only pass the failure on. */
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		const char *message = strip(line);

		/* A panic is announced first: DPDK 24.11 puts "EAL: " before that. */
		if (strncmp(line, "lib", 3) != 0 && strncmp(message, "PANIC in", 8) != 0 &&
			*message != '\0')
			return message;
	}
	return otherwise;
}
