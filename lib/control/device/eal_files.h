/* SPDX-License-Identifier: BSD-3-Clause */
/* Removes the files that EAL leaves behind. */
#ifndef UDPECHO_EAL_FILES_H
#define UDPECHO_EAL_FILES_H

#include <udpecho/control/error.h>

/**
 * Makes the folder that EAL would make for PREFIX (NULL: the operator chose it), so that no other
 * process that ends meanwhile removes its parent. The exit of the process removes the folder. It
 * refuses a folder in /tmp that belongs to somebody else. Call it once, before EAL starts. Returns
 * 0, or -errno.
 */
int eal_files_prepare(const char *prefix, struct error *error);

/**
 * Removes the files that EAL left when it failed to start, its folder and the parent, but nothing
 * that another process uses.
 */
void eal_files_remove_failed(void);

/** Notes where EAL has its files. Call it before EAL ends and forgets that. */
void eal_files_find(void);

/** Removes the files that EAL shared with other processes. Call it after EAL has ended. */
void eal_files_remove(void);

#endif
