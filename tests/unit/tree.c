/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"
#include "tree.h"

void tree_make(char root[TREE_PATH_MAX])
{
	snprintf(root, TREE_PATH_MAX, "/dev/shm/udpechod-tree-XXXXXX");
	assert_non_null(mkdtemp(root));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

void tree_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_one(const char *root, const struct tree_file *file)
{
	char path[PATH_MAX];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", root, file->path);
	tree_remove(path);
	if (file->content == NULL)
		return;
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	if (strncmp(file->content, "-> ", 3) == 0) {
		assert_int_equal(symlink(file->content + 3, path), 0);
		return;
	}
	stream = fopen(path, "w");
	assert_non_null(stream);
	fputs(file->content, stream);
	assert_int_equal(fclose(stream), 0);
}

void tree_write(const char *root, const struct tree_file *files)
{
	for (; files->path != NULL; files++)
		write_one(root, files);
}
