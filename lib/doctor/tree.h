/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads files of a machine, such as those in /sys. Paths are formats, and begin with a slash. */
#ifndef UDPECHO_DOCTOR_TREE_H
#define UDPECHO_DOCTOR_TREE_H

#include <glob.h>

#include "doctor/findings.h"

/** Reads the file's first line into TEXT, without the newline. False: the file cannot be read. */
bool tree_read(const struct machine *machine, char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** The number that the file begins with, decimal or 0x; if there is none, OTHERWISE. */
long tree_number(const struct machine *machine, long otherwise, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Reads the file's list of cores, such as 1,3-5. False: there is none, or it is empty. */
bool tree_cores(const struct machine *machine, cpu_set_t *cores, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Reads the symbolic link: the last part of its target. False: there is no such link. */
bool tree_link(const struct machine *machine, char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** Whether there is such a file or directory. */
bool tree_has(const struct machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * Reads the file's first line that matches PATTERN, a shell pattern, into LINE. 1; 0: no line
 * matches; negative: the file cannot be read.
 */
int tree_find(const struct machine *machine, char *line, size_t size, const char *pattern,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The same for strings that end in a zero byte, such as those of an environment. */
int tree_find_string(const struct machine *machine, char *string, size_t size, const char *pattern,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/** Finds all paths that match, sorted, with the root in front. The caller calls globfree(). */
void tree_glob(const struct machine *machine, glob_t *found, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* NAME as a part of a pattern, which it alone matches. */
struct tree_literal {
	char text[256];
};

/** The name as a part of a pattern for tree_glob() or tree_find(): *, [ and so on are escaped. */
struct tree_literal tree_escape(const char *name);

/** The last part of a path. */
const char *tree_name(const char *path);

#endif
