/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/text_file.h"

int text_file_open(FILE **stream, const char *path, bool may_wait, struct error *error)
{
	/* To open a pipe that nobody writes to takes until somebody does. */
	const int file = open(path, O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK));
	struct stat found;
	int why;

	if (file >= 0 && !may_wait && fstat(file, &found) == 0 && S_ISFIFO(found.st_mode)) {
		close(file);
		return error_set(
			error, EINVAL, "%s: not a regular file: it can't be read again", path);
	}
	*stream = file >= 0 ? fdopen(file, "r") : NULL;
	if (*stream != NULL)
		return 0;
	why = errno;
	if (file >= 0)
		close(file);
	return error_set(error, why, "%s: %s", path, strerror(why));
}
