/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a text file that an operator wrote, up to a limit. */
#ifndef UDPECHO_TEXT_FILE_H
#define UDPECHO_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>

#define TEXT_LINE_MAX 1024 /* bytes of a line, without its end */

struct text_file {
	const char *path;
	char *text;
	size_t size;
	char *next;          /* the beginning of the next line */
	unsigned int number; /* of the last line that was read, from 1 on */
	bool is_open_ended;  /* the last line has no line feed: some of the file might be missing */
};

/**
 * Reads the file at PATH into FILE. PATH must live as long as FILE. It skips a byte order mark of
 * UTF-8. It refuses more than MAXIMUM bytes, a line of more than TEXT_LINE_MAX, a zero byte, a
 * carriage return inside a line, UTF-16, and a file that changes meanwhile. If PULSE is NULL, it
 * may wait for the file. Otherwise it calls PULSE before each chunk, and refuses a pipe, which
 * might never end. Returns 0, and the caller frees FILE; or -errno with an error that names the
 * file, and the line if there is one; or what PULSE returned.
 */
int text_file_read(struct text_file *file, const char *path, size_t maximum,
	const struct pulse *pulse, struct error *error);

/** Returns the next line without its line feed, which the caller may change, or NULL at the end. */
char *text_file_line(struct text_file *file);

/** Frees the text of FILE. */
void text_file_free(struct text_file *file);

#endif
