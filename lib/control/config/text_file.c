/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/text_file.h"

#define CHUNK 65536

static int fail(const struct text_file *file, int why, struct error *error)
{
	return error_set(error, why, "%s: %s", file->path, strerror(why));
}

/* Makes room for another chunk, and for the zero byte at the end. */
static int make_room(struct text_file *file, size_t *room, struct error *error)
{
	char *grown;

	if (file->size + CHUNK < *room)
		return 0;
	*room = 2 * *room + CHUNK + 1;
	grown = realloc(file->text, *room);
	if (grown == NULL)
		return error_set(error, ENOMEM, "%s: no memory", file->path);
	file->text = grown;
	return 0;
}

/* Reads up to the end, or up to a zero byte, as check() refuses that. */
static int read_all(struct text_file *file, int descriptor, size_t maximum,
	const struct pulse *pulse, struct error *error)
{
	size_t room = 0;
	ssize_t length;
	int result;

	do {
		if (make_room(file, &room, error) < 0)
			return -ENOMEM;
		result = pulse != NULL ? pulse_beat(pulse, error) : 0;
		if (result < 0)
			return result;
		length = read(descriptor, file->text + file->size, CHUNK);
		if (length < 0)
			return fail(file, errno, error);
		file->size += (size_t)length;
		if (file->size > maximum)
			return error_set(error, EFBIG,
				"%s: the file is larger than the limit of %zu KiB", file->path,
				maximum / 1024);
	} while (length > 0 &&
		 memchr(file->text + file->size - length, '\0', (size_t)length) == NULL);
	file->text[file->size] = '\0';
	return 0;
}

/* Whether the file has changed since BEFORE: then another program is still writing it. */
static bool has_changed(int descriptor, const struct stat *before)
{
	struct stat now;

	return fstat(descriptor, &now) < 0 || now.st_size != before->st_size ||
	       now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

/* Returns why a line of these bytes is refused, or NULL. */
static const char *look_at(const char *line, size_t length)
{
	if (memchr(line, '\0', length) != NULL)
		return "a zero byte: this is no text file";
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (memchr(line, '\r', length) != NULL)
		return "a carriage return in the line: save the file with the line ends of Unix";
	if (length > TEXT_LINE_MAX)
		return "the line is too long, over 1024 bytes";
	return NULL;
}

static int check(struct text_file *file, struct error *error)
{
	const char *line, *end = file->text + file->size;
	unsigned int number = 0;

	if (file->size >= 2 &&
		(memcmp(file->text, "\xff\xfe", 2) == 0 || memcmp(file->text, "\xfe\xff", 2) == 0))
		return error_set(
			error, EINVAL, "%s: the file is UTF-16: save it as UTF-8", file->path);
	if (file->size >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0)
		file->next = file->text + 3;
	for (line = file->next; line < end; line++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const size_t length = (size_t)((newline != NULL ? newline : end) - line);
		const char *wrong = look_at(line, length);

		number++;
		if (wrong != NULL)
			return error_set(error, EINVAL, "%s:%u: %s", file->path, number, wrong);
		line += length;
	}
	file->is_open_ended = file->size > 0 && end[-1] != '\n';
	return 0;
}

int text_file_read(struct text_file *file, const char *path, size_t maximum,
	const struct pulse *pulse, struct error *error)
{
	const bool may_wait = pulse == NULL;
	/* Without O_NONBLOCK, open() of a pipe waits until another process opens it to write. */
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK));
	struct stat before;
	int result;

	*file = (struct text_file){.path = path};
	if (descriptor < 0 || fstat(descriptor, &before) < 0) {
		result = fail(file, errno, error);
	} else if (!may_wait && S_ISFIFO(before.st_mode)) {
		result = error_set(error, EINVAL,
			"%s: not a regular file: udpechod cannot read it again", path);
	} else {
		result = read_all(file, descriptor, maximum, pulse, error);
		file->next = file->text;
		if (result == 0 && S_ISREG(before.st_mode) && has_changed(descriptor, &before))
			result = error_set(error, EAGAIN,
				"%s: the file changed while udpechod read it: try again once it is "
				"complete",
				path);
		if (result == 0)
			result = check(file, error);
	}
	if (descriptor >= 0)
		close(descriptor);
	if (result < 0)
		text_file_free(file);
	return result;
}

char *text_file_line(struct text_file *file)
{
	char *line = file->next, *end = line + strcspn(line, "\n");

	if (*line == '\0')
		return NULL;
	file->number++;
	file->next = *end == '\n' ? end + 1 : end;
	*end = '\0';
	return line;
}

void text_file_free(struct text_file *file)
{
	free(file->text);
	file->text = NULL;
}
