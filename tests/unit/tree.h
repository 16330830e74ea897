/* SPDX-License-Identifier: BSD-3-Clause */
/* A machine made up of files: what /sys and /proc of another would say. */
#ifndef UNIT_TREE_H
#define UNIT_TREE_H

#include <stddef.h>

struct tree_file {
	const char *path;    /* from the root, without a slash before it */
	const char *content; /* "-> TARGET": a symbolic link; NULL: it and all below it is gone */
};

#define TREE_PATH_MAX 64

/** Makes the root, a folder of its own in memory, and its name in ROOT. */
void tree_make(char root[TREE_PATH_MAX]);

/** Writes the files, up to the first without a path, with all folders that they need. */
void tree_write(const char *root, const struct tree_file *files);

/** Removes all of it. */
void tree_remove(const char *root);

#endif
