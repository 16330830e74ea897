/* SPDX-License-Identifier: BSD-3-Clause */
/* A file that an operator wrote: text, whole, and of an end. */
#ifndef UDPECHO_TEXT_FILE_H
#define UDPECHO_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <udpecho/control/error.h>

#define TEXT_LINE_MAX 1024 /* bytes of a line, without its end */

struct text_file {
	const char *path;
	char *text;
	size_t size;
	char *next;          /* where the next line begins */
	unsigned int number; /* of the last line, from 1 */
	bool is_open_ended;  /* the last line has no end: what follows it might be missing */
};

/**
 * Reads the file at PATH, which lives as long as FILE. A byte order mark of UTF-8 is passed over.
 * Refused are: more than MAXIMUM bytes, a line of more than TEXT_LINE_MAX, a zero byte, a carriage
 * return inside a line, UTF-16, a file that changes as it is read. Without MAY_WAIT also a pipe,
 * which might never end, and what waits for it hears no signal; a read that would wait is an error
 * then, and so is a signal that says to stop. 0, to be freed; or -errno and an error that names the
 * file, and the line where there is one.
 */
int text_file_read(struct text_file *file, const char *path, size_t maximum, bool may_wait,
	struct error *error);

/** The next line, without its end, the caller's to change; NULL: there is no more. */
char *text_file_line(struct text_file *file);

/** Frees what it holds. */
void text_file_free(struct text_file *file);

#endif
