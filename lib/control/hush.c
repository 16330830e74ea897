/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hush.h"

/* There is one standard error, and so one of these. */
static int standard_error = -1, buffer = -1;

void hush_begin(bool wanted)
{
	if (!wanted)
		return;
	buffer = memfd_create("hush", MFD_CLOEXEC);
	if (buffer < 0)
		return; /* chatter is better than silence about an error */
	fflush(stderr);
	standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	dup2(buffer, STDERR_FILENO);
}

void hush_end(void)
{
	if (buffer < 0)
		return;
	fflush(stderr);
	if (standard_error >= 0) {
		dup2(standard_error, STDERR_FILENO);
		close(standard_error);
	} else {
		close(STDERR_FILENO); /* as it was */
	}
	close(buffer);
	standard_error = buffer = -1;
}

const char *hush_why(const char *otherwise)
{
	static char text[512];
	off_t size, from;
	ssize_t length;
	char *line, *colon;

	if (buffer < 0)
		return otherwise;
	fflush(stderr);
	size = lseek(buffer, 0, SEEK_END);
	from = size > (off_t)sizeof(text) - 1 ? size - (off_t)sizeof(text) + 1 : 0;
	length = pread(buffer, text, sizeof(text) - 1, from);
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
		length--;
	if (length <= 0)
		return otherwise;
	text[length] = '\0';
	line = strrchr(text, '\n');
	line = line != NULL ? line + 1 : text;
	/* "EAL: why" and "rte_function(): why" */
	while ((colon = strstr(line, ": ")) != NULL && strcspn(line, " ") == (size_t)(colon - line))
		line = colon + 2;
	return line;
}
