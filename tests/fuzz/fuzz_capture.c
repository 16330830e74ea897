/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as the capture that is replayed. What replay_open() takes can be read once more to its
 * end: as many records, with the same fates, and none longer than it said.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/control/device/replay.h"
#include "fuzz.h"

static void read_again(const struct replay *replay)
{
	struct record record;
	struct error error = {0};
	struct device_skips skips = {0};
	uint64_t records = 0;
	volatile unsigned int sum = 0; /* each byte is looked at, if only by a sanitizer */
	int result;

	while ((result = records_next(replay->reader, &record, &error)) == 1) {
		records++;
		require(record.number == records, "a record is not counted");
		skips.records_too_long += record.fate == RECORD_TOO_LONG;
		skips.records_not_ethernet += record.fate == RECORD_NOT_ETHERNET;
		require(record.fate != RECORD_REPLAYED || (record.captured <= replay->longest &&
								  record.captured <= RECORD_MAX),
			"a record that is longer than the longest");
		for (uint32_t i = 0; i < record.captured; i++)
			sum = sum + record.data[i];
	}
	skips.records_cut_off = records_are_cut(replay->reader);
	require(result == 0, "taken, and damaged");
	require(records == replay->records, "another number of records");
	require(memcmp(&skips, &replay->skips, sizeof(skips)) == 0, "others are skipped");
	require(replay->truncated <= records, "more are cut short than there are");
}

static int go_on(void *caller, struct error *error)
{
	(void)caller;
	(void)error;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pulse pulse = {go_on, NULL};
	struct replay *replay = NULL;
	struct error error = {0}, ignored;
	char path[32];
	const int file = file_of(data, size, path);

	if (replay_open(&replay, path, NULL, &pulse, &error) < 0) {
		require(replay == NULL && error.text[0] != '\0', "refused, and no word why");
		require_line(error.text);
	} else {
		read_again(replay);
		replay_close(replay, &ignored);
	}
	close(file);
	return 0;
}
