/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of the access list: `allow PREFIX` and `deny PREFIX`, a line each. */
#ifndef UDPECHO_ACL_FILE_H
#define UDPECHO_ACL_FILE_H

#include <stdbool.h>

#include <udpecho/control/error.h>
#include <udpecho/datapath/acl.h>

/**
 * Reads the rules of the file at PATH, with text_file_read(); `#` begins a comment. The same rule
 * twice does no harm; a prefix that is allowed and denied is refused. IS_OPEN_ENDED:
 * the last line has no end, so that some of it might be missing. 0 and *RULES, to be freed; or
 * -errno and an error that names the file and the line.
 */
int acl_file_read(const char *path, bool may_wait, struct acl_rule **rules, size_t *count,
	bool *is_open_ended, struct error *error);

#endif
