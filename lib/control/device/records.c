/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/pcapng.h"
#include "device/records.h"
#include "pcapng_format.h"

struct records {
	pcap_t *pcap; /* NULL: it is pcapng */
	FILE *file;
	struct pcapng pcapng;
	uint64_t number;
	bool is_fine, is_cut;
};

/* The first bytes of a compressed file. */
static const struct {
	const char *bytes;
	size_t length;
	const char *tool;
} compressors[] = {
	{"\x1f\x8b", 2, "gzip"},
	{"\x28\xb5\x2f\xfd", 4, "zstd"},
	{"\xfd\x37zXZ", 5, "xz"},
	{"BZh", 3, "bzip2"},
	{"\x04\x22\x4d\x18", 4, "lz4"},
};

static int check_compression(const uint8_t magic[8], struct error *error)
{
	for (size_t i = 0; i < sizeof(compressors) / sizeof(compressors[0]); i++)
		if (memcmp(magic, compressors[i].bytes, compressors[i].length) == 0)
			return error_set(error, EINVAL,
				"not a pcap file: it is compressed: decompress it with `%s -dc`",
				compressors[i].tool);
	return 0;
}

static int check_link(int type, struct error *error)
{
	const char *name = pcap_datalink_val_to_name(type);

	if (type == DLT_EN10MB)
		return 0;
	return error_set(error, EINVAL, "not a capture of Ethernet: its link type is %s",
		name != NULL ? name : "unknown");
}

static bool is_magic(const uint8_t bytes[4], uint32_t magic)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value == magic || value == __builtin_bswap32(magic);
}

static int open_pcap(struct records *records, const uint8_t magic[8], struct error *error)
{
	char why[PCAP_ERRBUF_SIZE];

	records->is_fine = is_magic(magic, 0xa1b23c4d);
	records->pcap = pcap_fopen_offline_with_tstamp_precision(
		records->file, PCAP_TSTAMP_PRECISION_NANO, why);
	if (records->pcap == NULL)
		return error_set(error, EINVAL, "not a pcap file: %s", why);
	return check_link(pcap_datalink(records->pcap), error);
}

int records_open(struct records **result, int descriptor, struct error *error)
{
	struct records *records = calloc(1, sizeof(*records));
	const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	uint8_t magic[8] = {0};
	int failure = 0;
	ssize_t length;

	if (records != NULL && copy >= 0)
		records->file = fdopen(copy, "rb");
	if (records == NULL || records->file == NULL) {
		if (copy >= 0)
			close(copy);
		free(records);
		return error_set(error, errno, "%s", strerror(errno));
	}
	length = pread(descriptor, magic, sizeof(magic), 0);
	if (length < 0 || lseek(descriptor, 0, SEEK_SET) < 0)
		failure = error_set(error, errno, "%s", strerror(errno));
	else if (length == 0)
		failure = error_set(error, EINVAL, "not a pcap file: it is empty");
	if (failure == 0)
		failure = check_compression(magic, error);
	pcapng_init(&records->pcapng, records->file);
	if (failure == 0 && !is_magic(magic, BLOCK_SECTION))
		failure = open_pcap(records, magic, error);
	if (failure == 0)
		*result = records;
	else
		records_close(records);
	return failure;
}

/* A file has unsigned seconds of 32 bits, but libpcap reads them as signed. */
static uint64_t to_ns(const struct timeval *time)
{
	return (uint64_t)(uint32_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_usec;
}

static int next_of_pcap(struct records *records, struct record *record, struct error *error)
{
	struct pcap_pkthdr *header;
	const int result = pcap_next_ex(records->pcap, &header, &record->data);

	if (result == 1) {
		record->captured = header->caplen;
		record->length = header->len;
		record->ns = to_ns(&header->ts);
		return 1;
	}
	/* Whoever wrote the file stopped in the middle of a record. */
	records->is_cut = result != PCAP_ERROR_BREAK && feof(records->file);
	if (result == PCAP_ERROR_BREAK || records->is_cut)
		return 0;
	return error_set(error, EINVAL, "damaged after record %" PRIu64 ": %s", records->number,
		pcap_geterr(records->pcap));
}

static int next_of_pcapng(struct records *records, struct record *record, struct error *error)
{
	struct pcapng_packet packet;
	const char *why;
	const int result = pcapng_next(&records->pcapng, &packet, &why);

	if (result < 0)
		return error_set(error, EINVAL, "damaged after record %" PRIu64 ": %s",
			records->number, why);
	if (result == 0)
		return 0;
	record->data = packet.data;
	record->captured = packet.captured;
	record->length = packet.length;
	record->ns = packet.ns;
	if (packet.link_type != DLT_EN10MB)
		record->fate = RECORD_NOT_ETHERNET;
	return 1;
}

int records_next(struct records *records, struct record *record, struct error *error)
{
	int result;

	record->fate = RECORD_REPLAYED;
	result = records->pcap != NULL ? next_of_pcap(records, record, error)
				       : next_of_pcapng(records, record, error);
	if (result != 1)
		return result;
	record->number = ++records->number;
	if (record->fate == RECORD_REPLAYED && record->captured > RECORD_MAX)
		record->fate = RECORD_TOO_LONG;
	return 1;
}

bool records_are_cut(const struct records *records)
{
	return records->is_cut || records->pcapng.is_cut;
}

bool records_are_fine(const struct records *records)
{
	return records->is_fine || records->pcapng.is_fine;
}

int records_check_link(const struct records *records, struct error *error)
{
	const struct pcapng *pcapng = &records->pcapng;

	if (records->pcap != NULL || pcapng->has_ethernet || pcapng->other_link_type < 0)
		return 0;
	return check_link(pcapng->other_link_type, error);
}

void records_close(struct records *records)
{
	if (records == NULL)
		return;
	pcapng_free(&records->pcapng);
	if (records->pcap != NULL)
		pcap_close(records->pcap); /* and the file with it */
	else
		fclose(records->file);
	free(records);
}
