/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

#include "capture/wish.h"
#include "config/parse.h"
#include "names.h"

#define SNAPLEN_MIN PACKET_HEADERS_MAX
#define SNAPLEN_MAX 65000 /* so that a copy is in one buffer, with what a pcapng block adds */

static int set_file(struct capture_wish *wish, const char *text, struct error *error)
{
	if (*text != '/')
		return error_set(error, EINVAL, "file: give a whole path, from /");
	if (strlen(text) >= sizeof(wish->path))
		return error_set(error, EINVAL, "file: too long");
	strcpy(wish->path, text);
	return 0;
}

static int set_verdict(struct capture_wish *wish, const char *text, struct error *error)
{
	char names[512], *place, *name;

	wish->verdicts = VERDICT_SET_NONE;
	snprintf(names, sizeof(names), "%s", text);
	for (name = strtok_r(names, "+", &place); name != NULL;
		name = strtok_r(NULL, "+", &place)) {
		const verdict_set named = names_find_verdicts(name);

		if (named == VERDICT_SET_NONE)
			return error_set(error, EINVAL,
				"verdict: %s: no such verdict: see the table in udpechod(8)", name);
		wish->verdicts |= named;
	}
	return wish->verdicts != VERDICT_SET_NONE
		       ? 0
		       : error_set(error, EINVAL, "verdict: give at least one");
}

static int set_direction(struct capture_wish *wish, const char *text, struct error *error)
{
	wish->received = strcmp(text, "in") == 0 || strcmp(text, "both") == 0;
	wish->sent = strcmp(text, "out") == 0 || strcmp(text, "both") == 0;
	return wish->received || wish->sent
		       ? 0
		       : error_set(error, EINVAL, "direction: %s: in, out or both", text);
}

static int set_filter(struct capture_wish *wish, const char *text, struct error *error)
{
	if (strlen(text) >= sizeof(wish->filter))
		return error_set(error, EINVAL, "filter: too long");
	strcpy(wish->filter, text);
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct capture_wish *wish, const char *text, struct error *error);
} texts[] = {
	{"file", set_file},
	{"verdict", set_verdict},
	{"direction", set_direction},
};

static const struct {
	const char *name;
	size_t offset;
	unsigned int minimum, maximum;
} numbers[] = {
	{"packets", offsetof(struct capture_wish, packets), 1, UINT32_MAX},
	{"bytes", offsetof(struct capture_wish, bytes), 1024, UINT32_MAX},
	{"seconds", offsetof(struct capture_wish, seconds), 1, 24 * 60 * 60},
	{"snaplen", offsetof(struct capture_wish, snaplen), SNAPLEN_MIN, SNAPLEN_MAX},
};

static int set(struct capture_wish *wish, const char *key, const char *value, struct error *error)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].name, key) == 0)
			return texts[i].set(wish, value, error);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].name, key) == 0)
			return parse_count(value, numbers[i].minimum, numbers[i].maximum,
				       (unsigned int *)((char *)wish + numbers[i].offset))
				       ? 0
				       : error_set(error, EINVAL,
						 "%s: %s: not a number from %u to %u", key, value,
						 numbers[i].minimum, numbers[i].maximum);
	return error_set(error, EINVAL,
		"%s: not one of file, verdict, direction, packets, bytes, seconds, snaplen, filter",
		key);
}

int capture_wish_read(struct capture_wish *wish, const char *text, struct error *error)
{
	*wish = (struct capture_wish){
		.verdicts = VERDICT_SET_ALL,
		.received = true,
		.sent = true,
		.packets = 10000,
		.bytes = 64 * 1024 * 1024,
		.seconds = 60,
		.snaplen = 2048,
	};
	while (*text != '\0') {
		char pair[PATH_MAX + 16], *value;
		const size_t length = strcspn(text, ",");
		int result;

		if (strncmp(text, "filter=", strlen("filter=")) == 0) {
			result = set_filter(wish, text + strlen("filter="), error);
			if (result < 0)
				return result;
			break;
		}
		snprintf(pair, sizeof(pair), "%.*s", (int)length, text);
		value = strchr(pair, '=');
		if (value == NULL)
			return error_set(error, EINVAL, "%s: not of the form KEY=VALUE", pair);
		*value++ = '\0';
		result = set(wish, pair, value, error);
		if (result < 0)
			return result;
		text += length;
		text += *text == ',';
	}
	return wish->path[0] != '\0' ? 0 : error_set(error, EINVAL, "give file=/PATH");
}
