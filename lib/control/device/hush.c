/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/hush.h"

/* There is one of each stream, and so one of these. */
static int buffer = -1;
static int saved[3]; /* standard output and error, by their number */
static off_t mark;

static void close_all(const int files[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (files[i] >= 0)
			close(files[i]);
}

void hush_begin(bool wanted)
{
	int files[4];

	if (!wanted)
		return;
	fflush(stdout);
	fflush(stderr);
	files[0] = memfd_create("hush", MFD_CLOEXEC);
	files[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	files[2] = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	files[3] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	/* Rather too many words than none of ours. */
	for (size_t i = 0; i < 4; i++)
		if (files[i] < 0) {
			close_all(files, 4);
			return;
		}
	buffer = files[0];
	saved[STDOUT_FILENO] = files[2];
	saved[STDERR_FILENO] = files[3];
	dup2(files[1], STDOUT_FILENO); /* EAL prints its usage there */
	dup2(buffer, STDERR_FILENO);
	close(files[1]);
	mark = 0;
}

void hush_end(void)
{
	if (buffer < 0)
		return;
	fflush(stdout);
	fflush(stderr);
	dup2(saved[STDOUT_FILENO], STDOUT_FILENO);
	dup2(saved[STDERR_FILENO], STDERR_FILENO);
	close(saved[STDOUT_FILENO]);
	close(saved[STDERR_FILENO]);
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

/* The line without its "EAL: " and "rte_function(): ". */
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
	/* The first to complain knows why; what follows only passes it on. */
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, "lib", 3) != 0 && strncmp(line, "PANIC in", 8) != 0 &&
			*strip(line) != '\0')
			return strip(line);
	return otherwise;
}
