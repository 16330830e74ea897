/* SPDX-License-Identifier: BSD-3-Clause */
/* How a capture that takes long to read lets its caller work meanwhile, and give it up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/replay.h"

#include "suite.h"

struct reading {
	const char *about;
	unsigned int records;
	unsigned int last; /* beat, which gives it up; 0: none does */
	int result;
	unsigned int beats;
	const char *why;
};

static const struct reading readings[] = {
	{"a short one", 4095, 1, 0, 0, ""},
	{"a beat every 4096 records", 12288, 0, 0, 3, ""},
	{"given up by the first beat", 12288, 1, -ECANCELED, 1, "enough"},
	{"given up by the second", 12288, 2, -ECANCELED, 2, "enough"},
};

struct caller {
	unsigned int beats, last;
};

static int beat(void *argument, struct error *error)
{
	struct caller *caller = argument;

	return ++caller->beats == caller->last ? error_set(error, ECANCELED, "enough") : 0;
}

/* Of frames of 14 bytes. */
static void write_capture(char *path, unsigned int records)
{
	const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
	const uint32_t record[4] = {0, 0, 14, 14};
	const uint8_t frame[14] = {0};
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fwrite(header, sizeof(header), 1, file);
	for (unsigned int i = 0; i < records; i++) {
		fwrite(record, sizeof(record), 1, file);
		fwrite(frame, sizeof(frame), 1, file);
	}
	assert_int_equal(fclose(file), 0);
}

static void test_reading(void **state)
{
	const struct reading *reading = *state;
	struct caller caller = {.last = reading->last};
	const struct pulse pulse = {beat, &caller};
	struct error error = {.text = ""};
	char path[] = "/tmp/udpechod-replay-XXXXXX";
	int result;

	write_capture(path, reading->records);
	result = replay_check(path, NULL, &pulse, &error);
	unlink(path);
	assert_int_equal(result, reading->result);
	assert_int_equal(caller.beats, reading->beats);
	assert_string_equal(error.text, reading->why);
}

int main(void)
{
	SUITE_ADD(readings, test_reading);
	return suite_run("replay");
}
