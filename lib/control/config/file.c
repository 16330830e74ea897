/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the configuration file, an INI file of rte_cfgfile. That library ignores what it does not
 * understand, cuts what is too long, and has no line numbers; so this checks each line first.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_cfgfile.h>

#include <udpecho/control/config.h>

#include "config/text_file.h"

#define FILE_MAX    ((size_t)256 * 1024)
#define COMMENT     '#'
#define LINE_LENGTH (CFG_NAME_LEN + CFG_VALUE_LEN) /* rte_cfgfile's buffer is a little longer */

/* The line number of each section and of each entry, in the order of the file. */
struct places {
	const char *path;
	unsigned int *lines;
	size_t count, room;
};

static int complain(const char *path, unsigned int line, struct error *error, const char *why)
{
	return error_set(error, EINVAL, "%s:%u: %s", path, line, why);
}

/* Strips the comment and the blanks around a line. \# begins no comment: rte_cfgfile has it so. */
static char *strip(char *line)
{
	char *comment = strchr(line, COMMENT);
	size_t length;

	if (comment != NULL && (comment == line || comment[-1] != '\\'))
		*comment = '\0';
	line += strspn(line, " \t\r\n\v\f");
	length = strlen(line);
	while (length > 0 && strchr(" \t\r\n\v\f", line[length - 1]) != NULL)
		line[--length] = '\0';
	return line;
}

/* Checks LINE, which is not empty. Returns what is wrong with it, or NULL. */
static const char *look_at(const char *line, bool in_section)
{
	const size_t length = strlen(line);
	const char *equals = strchr(line, '=');
	const char *value;

	if (*line == '[') {
		if (strchr(line, ']') != line + length - 1 || length < 3)
			return "not a section: write it as [udpechod] or [device NAME]";
		return length - 2 < CFG_NAME_LEN ? NULL : "the section's name is too long";
	}
	if (equals == NULL || equals == line)
		return "neither [SECTION] nor KEY = VALUE";
	if (!in_section)
		return "a setting before the first section: begin with [udpechod]";
	value = equals + 1 + strspn(equals + 1, " \t");
	if (*value == '\0')
		return "no value: leave the line out for the default";
	if ((size_t)(equals - line) >= CFG_NAME_LEN)
		return "the setting's name is too long";
	if (strlen(value) >= CFG_VALUE_LEN)
		return "the value is too long, over 255 characters: continue a list in another "
		       "line "
		       "with the same key";
	return NULL;
}

static int note(struct places *places, unsigned int line, struct error *error)
{
	if (places->count == places->room) {
		const size_t room = 2 * places->room + 64;
		unsigned int *grown = reallocarray(places->lines, room, sizeof(*grown));

		if (grown == NULL)
			return error_set(error, ENOMEM, "no memory");
		places->lines = grown;
		places->room = room;
	}
	places->lines[places->count++] = line;
	return 0;
}

/* Copies FROM to TO, and checks each line. rte_cfgfile can open TO by its name. */
static int scan(struct text_file *from, FILE *to, struct places *places, struct error *error)
{
	const char *wrong = NULL;
	int result = 0;
	char *line;

	while (result == 0 && (line = text_file_line(from)) != NULL) {
		fprintf(to, "%s\n", line);
		if (strlen(line) >= LINE_LENGTH)
			wrong = "the line is too long";
		line = strip(line);
		if (wrong == NULL && *line != '\0') {
			wrong = look_at(line, places->count > 0);
			result = note(places, from->number, error);
		}
		if (wrong != NULL)
			result = complain(places->path, from->number, error, wrong);
	}
	if (result == 0 && fflush(to) != 0)
		result = error_set(error, errno, "%s: %s", places->path, strerror(errno));
	return result;
}

/* Joins the values of the setting at INDEX up to there into one list, which the caller frees. */
static char *join(const struct rte_cfgfile_entry entries[], int index)
{
	char *list = NULL;
	size_t size;
	FILE *stream = open_memstream(&list, &size);

	if (stream == NULL)
		return NULL;
	for (int i = 0; i < index; i++)
		if (strcmp(entries[i].name, entries[index].name) == 0)
			fprintf(stream, "%s,", entries[i].value);
	fputs(entries[index].value, stream);
	if (fclose(stream) == 0)
		return list;
	free(list);
	return NULL;
}

static bool is_repeated(const struct rte_cfgfile_entry entries[], int index)
{
	for (int i = 0; i < index; i++)
		if (strcmp(entries[i].name, entries[index].name) == 0)
			return true;
	return false;
}

static int take(struct config *config, const struct rte_cfgfile_entry entries[], int index,
	enum setting_scope scope, struct error *error)
{
	const struct rte_cfgfile_entry *entry = &entries[index];
	const struct setting *setting = setting_find(entry->name);
	char *list;
	int result;

	if (setting == NULL)
		return error_set(error, EINVAL, "%s: no such setting", entry->name);
	if (setting->scope != scope)
		return error_set(error, EINVAL, "%s: belongs in section [%s]", entry->name,
			scope == SETTING_OF_DEVICE ? "udpechod" : "device NAME");
	if (setting->repeats == SETTING_ONCE && is_repeated(entries, index))
		return error_set(error, EINVAL, "%s: given twice", entry->name);
	if (setting->repeats == SETTING_IS_LIST) {
		list = join(entries, index);
		if (list == NULL)
			return error_set(error, ENOMEM, "no memory");
		result = setting->set(config, list, error);
		free(list);
	} else {
		result = setting->set(config, entry->value, error);
	}
	if (result < 0)
		error_prefix(error, "%s", entry->name);
	return result;
}

/* Takes the device itself before its other settings, as those apply to the last device. */
static int take_device(struct config *config, const struct rte_cfgfile_entry entries[], int count,
	int *wrong, struct error *error)
{
	int device = -1;

	for (int i = 0; i < count && device < 0; i++)
		if (strcmp(entries[i].name, "device") == 0)
			device = i;
	if (device < 0)
		return error_set(error, EINVAL,
			"a [device] section without a device: write one as device = af_xdp:eth1");
	*wrong = device;
	return take(config, entries, device, SETTING_OF_DEVICE, error);
}

/* Notes where the device is in the file, for errors that are found later. */
static int note_place(struct config *config, const char *section, const char *path,
	unsigned int line, struct error *error)
{
	struct config_device *device = &config->devices[config->device_count - 1];

	device->section = strdup(section);
	if (device->section == NULL || asprintf(&device->place, "%s:%u", path, line) < 0) {
		device->place = NULL;
		return error_set(error, ENOMEM, "no memory");
	}
	return 0;
}

/* On an error, WRONG is the index of the entry that it is about, or -1 for the section. */
static int take_section(struct config *config, const char *name,
	const struct rte_cfgfile_entry entries[], int count, int *wrong, struct error *error)
{
	const bool is_device =
		strncmp(name, "device", 6) == 0 && (name[6] == '\0' || name[6] == ' ');
	int result = 0;

	*wrong = -1;
	if (!is_device && strcmp(name, "udpechod") != 0)
		return error_set(error, EINVAL,
			"no section [%s]: there are [udpechod] and [device NAME]", name);
	if (is_device)
		result = take_device(config, entries, count, wrong, error);
	for (int i = 0; i < count && result == 0; i++) {
		if (is_device && i == *wrong)
			continue; /* take_device() has taken it */
		result = take(config, entries, i,
			is_device ? SETTING_OF_DEVICE : SETTING_OF_APPLIANCE, error);
		if (result < 0)
			*wrong = i;
	}
	if (result == 0 && is_device)
		config->devices[config->device_count - 1].from_file = true;
	return result;
}

static int take_all(struct config *config, struct rte_cfgfile *file, const struct places *places,
	struct error *error)
{
	const int count = rte_cfgfile_num_sections(file, "", 0);
	bool has_general = false;
	size_t place = 0;
	int result = 0;

	for (int i = 0; i < count && result == 0; i++) {
		char name[CFG_NAME_LEN] = "";
		const int entry_count = rte_cfgfile_section_num_entries_by_index(file, name, i);
		struct rte_cfgfile_entry *entries =
			calloc((size_t)entry_count + 1, sizeof(*entries));
		int wrong = -1;

		if (entries == NULL)
			return error_set(error, ENOMEM, "no memory");
		rte_cfgfile_section_entries_by_index(file, i, name, entries, entry_count);
		if (strcmp(name, "udpechod") == 0 && has_general)
			result = error_set(error, EINVAL, "section [udpechod]: given twice");
		else
			result = take_section(config, name, entries, entry_count, &wrong, error);
		if (result == 0 && strcmp(name, "udpechod") != 0 && place < places->count)
			result =
				note_place(config, name, places->path, places->lines[place], error);
		has_general |= strcmp(name, "udpechod") == 0;
		free(entries);
		if (result < 0 && place + (size_t)(wrong + 1) < places->count)
			error_prefix(error, "%s:%u", places->path,
				places->lines[place + (size_t)(wrong + 1)]);
		place += 1 + (size_t)entry_count;
	}
	return result;
}

/* Has rte_cfgfile, which opens a file by its name, read a checked copy in memory. */
static int load(
	struct config *config, struct text_file *from, struct places *places, struct error *error)
{
	const struct rte_cfgfile_parameters parameters = {.comment_character = COMMENT};
	const int copy = memfd_create("configuration", MFD_CLOEXEC);
	FILE *to = copy >= 0 ? fdopen(copy, "w") : NULL;
	struct rte_cfgfile *file;
	char name[32];
	int result;

	if (to == NULL) {
		if (copy >= 0)
			close(copy);
		return error_set(error, errno, "%s: %s", places->path, strerror(errno));
	}
	result = scan(from, to, places, error);
	if (result == 0) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", copy);
		file = rte_cfgfile_load_with_params(name, 0, &parameters);
		if (file == NULL) {
			result = error_set(error, EINVAL, "%s: cannot be read%s", places->path,
				access(name, R_OK) < 0 ? ": there is no /proc" : "");
		} else {
			result = take_all(config, file, places, error);
			rte_cfgfile_close(file);
		}
	}
	fclose(to);
	return result;
}

int config_read_file(struct config *config, const char *path, struct error *error)
{
	struct places places = {.path = path};
	struct text_file from;
	int result = text_file_read(&from, path, FILE_MAX, config->pulse, error);

	if (result < 0)
		return result;
	result = load(config, &from, &places, error);
	config->file_lines += places.count;
	free(places.lines);
	text_file_free(&from);
	return result;
}
