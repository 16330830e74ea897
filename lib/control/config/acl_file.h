/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the file of the access list. Each line has `allow PREFIX` or `deny PREFIX`. */
#ifndef UDPECHO_ACL_FILE_H
#define UDPECHO_ACL_FILE_H

#include <stdbool.h>

#include <udpecho/control/error.h>
#include <udpecho/control/pulse.h>
#include <udpecho/datapath/acl.h>

/**
 * Reads the rules of the file at PATH, with text_file_read(), which gets PULSE. `#` begins a
 * comment. The same rule may occur twice, but a prefix must not be both allowed and denied. The
 * rules come in ascending order of their prefixes, a shorter one first.
 * IS_OPEN_ENDED is set if the last line does not end in a line feed, so that some of the file might
 * be missing. Returns 0 with *RULES, which the caller frees, or -errno with an error that names the
 * file and the line.
 */
int acl_file_read(const char *path, const struct pulse *pulse, struct acl_rule **rules,
	size_t *count, bool *is_open_ended, struct error *error);

#endif
