/* SPDX-License-Identifier: BSD-3-Clause */
/* A file that an operator wrote. */
#ifndef UDPECHO_TEXT_FILE_H
#define UDPECHO_TEXT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include <udpecho/error.h>

/**
 * Opens PATH to read. Without MAY_WAIT no pipe, which might never end, and what waits for it hears
 * no signal; and a read that would wait is an error. 0 and *STREAM, to be closed; or -errno and an
 * error that names the file.
 */
int text_file_open(FILE **stream, const char *path, bool may_wait, struct error *error);

#endif
