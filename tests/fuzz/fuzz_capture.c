/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as the capture that is replayed. What replay_open() takes, the driver can read to its
 * end: as many records, and none longer than it said.
 */
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/control/device/replay.h"
#include "fuzz.h"

static void read_again(const struct replay *replay)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *capture = pcap_open_offline(replay->path, why);
	struct pcap_pkthdr *header;
	const u_char *data;
	uint64_t records = 0;
	volatile unsigned int sum = 0; /* each byte is looked at, if only by a sanitizer */

	require(capture != NULL, "taken, and can't be read again");
	while (pcap_next_ex(capture, &header, &data) == 1) {
		records++;
		require(header->caplen <= replay->longest && header->caplen <= 65535,
			"a record that is longer than the longest");
		for (uint32_t i = 0; i < header->caplen; i++)
			sum = sum + data[i];
	}
	require(records == replay->records, "another number of records");
	require(replay->truncated <= records, "more are cut short than there are");
	pcap_close(capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replay *replay = NULL;
	struct error error = {0}, ignored;
	char path[32];
	const int file = file_of(data, size, path);

	if (replay_open(&replay, path, NULL, &error) < 0) {
		require(replay == NULL && error.text[0] != '\0', "refused, and no word why");
		require_line(error.text);
	} else {
		read_again(replay);
		replay_close(replay, &ignored);
	}
	close(file);
	return 0;
}
