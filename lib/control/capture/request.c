/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

#include "capture/request.h"
#include "config/parse.h"
#include "names.h"

#define SNAPLEN_MIN PACKET_HEADERS_MAX
#define SNAPLEN_MAX 65000 /* a buffer holds it and its headroom: its length has 16 bits */

static int set_file(struct capture_request *request, const char *text, struct error *error)
{
	if (*text != '/')
		return error_set(error, EINVAL, "file: %s: give an absolute path, from / on", text);
	if (strlen(text) >= sizeof(request->path))
		return error_set(error, EINVAL, "file: the path is too long");
	strcpy(request->path, text);
	return 0;
}

static int set_verdict(struct capture_request *request, const char *text, struct error *error)
{
	char names[512], *place, *name;

	request->verdicts = VERDICT_SET_NONE;
	snprintf(names, sizeof(names), "%s", text);
	for (name = strtok_r(names, "+", &place); name != NULL;
		name = strtok_r(NULL, "+", &place)) {
		const verdict_set named = names_find_verdicts(name);

		if (named == VERDICT_SET_NONE)
			return error_set(error, EINVAL,
				"verdict: %s: no such verdict: see the table in udpechod(8)", name);
		request->verdicts |= named;
	}
	return request->verdicts != VERDICT_SET_NONE
		       ? 0
		       : error_set(error, EINVAL, "verdict: give at least one");
}

static int set_direction(struct capture_request *request, const char *text, struct error *error)
{
	request->received = strcmp(text, "in") == 0 || strcmp(text, "both") == 0;
	request->sent = strcmp(text, "out") == 0 || strcmp(text, "both") == 0;
	return request->received || request->sent
		       ? 0
		       : error_set(error, EINVAL, "direction: %s: give in, out or both", text);
}

static int set_filter(struct capture_request *request, const char *text, struct error *error)
{
	if (strlen(text) >= sizeof(request->filter))
		return error_set(error, EINVAL, "filter: the expression is too long");
	strcpy(request->filter, text);
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct capture_request *request, const char *text, struct error *error);
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
	{"packets", offsetof(struct capture_request, packets), 1, UINT32_MAX},
	{"bytes", offsetof(struct capture_request, bytes), 1024, UINT32_MAX},
	{"seconds", offsetof(struct capture_request, seconds), 1, 24 * 60 * 60},
	{"snaplen", offsetof(struct capture_request, snaplen), SNAPLEN_MIN, SNAPLEN_MAX},
};

static int set(
	struct capture_request *request, const char *key, const char *value, struct error *error)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].name, key) == 0)
			return texts[i].set(request, value, error);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].name, key) == 0)
			return parse_count(value, numbers[i].minimum, numbers[i].maximum,
				       (unsigned int *)((char *)request + numbers[i].offset))
				       ? 0
				       : error_set(error, EINVAL,
						 "%s: %s: not a number from %u to %u", key, value,
						 numbers[i].minimum, numbers[i].maximum);
	return error_set(error, EINVAL,
		"%s: no such key: give file, verdict, direction, packets, bytes, seconds, snaplen "
		"or filter",
		key);
}

int capture_request_read(struct capture_request *request, const char *text, struct error *error)
{
	*request = (struct capture_request){
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
			result = set_filter(request, text + strlen("filter="), error);
			if (result < 0)
				return result;
			break;
		}
		snprintf(pair, sizeof(pair), "%.*s", (int)length, text);
		value = strchr(pair, '=');
		if (value == NULL)
			return error_set(error, EINVAL, "%s: give KEY=VALUE", pair);
		*value++ = '\0';
		result = set(request, pair, value, error);
		if (result < 0)
			return result;
		text += length;
		text += *text == ',';
	}
	return request->path[0] != '\0' ? 0 : error_set(error, EINVAL, "give file=/PATH");
}
