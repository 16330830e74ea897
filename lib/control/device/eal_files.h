/* SPDX-License-Identifier: BSD-3-Clause */
/* What EAL leaves in the file system, and does not remove itself. */
#ifndef UDPECHO_EAL_FILES_H
#define UDPECHO_EAL_FILES_H

#include <udpecho/control/error.h>

/**
 * Before EAL starts, once in a process: makes the folder that EAL would make for PREFIX (NULL: the
 * operator's), so that no other process that ends meanwhile removes the one around it; has it
 * removed as the process exits; and refuses one in /tmp that is somebody else's. 0, or -errno.
 */
int eal_files_prepare(const char *prefix, struct error *error);

/**
 * Removes what EAL left when it did not start, its folder and the one around it; but nothing that
 * another process uses.
 */
void eal_files_remove_failed(void);

/** Notes where EAL has its files, which it forgets as it ends. */
void eal_files_find(void);

/** Removes what it shared with other processes, once it has ended. */
void eal_files_remove(void);

#endif
