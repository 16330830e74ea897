/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include "device/replay.h"
#include "signals.h"

#define RECORDS_AT_ONCE 4096  /* between two looks at whether a signal came */
#define FRAME_MAX       65535 /* net_pcap keeps lengths in 16 bits */
/* A reassembled reply: the longest IPv4 packet behind two VLAN tags. */
#define REPLY_MAX       (14 + 2 * 4 + 65535)

struct replay_writer {
	char *path;
	pcap_t *format;
	pcap_dumper_t *dumper;
	int timestamp_offset; /* of the request's timestamp in an mbuf, microseconds */
	uint8_t *copy;        /* room for a frame that lies in several segments */
};

static int count_records(struct replay *replay, pcap_t *capture, struct error *error)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int result;

	while ((result = pcap_next_ex(capture, &header, &data)) == 1) {
		replay->records++;
		if (replay->records % RECORDS_AT_ONCE == 0 && signals_say_stop())
			return error_set(error, ECANCELED, "told to stop");
		if (header->caplen > FRAME_MAX)
			return error_set(error, EINVAL,
				"record %" PRIu64 ": %u bytes are no Ethernet frame",
				replay->records, header->caplen);
		if (header->caplen < header->len)
			replay->truncated++;
		if (header->caplen > replay->longest)
			replay->longest = header->caplen;
	}
	if (result != PCAP_ERROR_BREAK)
		return error_set(error, EINVAL, "damaged after record %" PRIu64 ": %s",
			replay->records, pcap_geterr(capture));
	return 0;
}

static int read_input(struct replay *replay, const char *path, struct error *error)
{
	char why[PCAP_ERRBUF_SIZE];
	struct stat status;
	pcap_t *capture;
	int result;
	FILE *file;
	/* A pipe is not waited for: nothing would end that. */
	const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (descriptor < 0)
		return error_set(error, errno, "%s", strerror(errno));
	if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(descriptor);
		return error_set(
			error, EINVAL, "not a file: it is read twice, so it can't be a pipe");
	}
	file = fdopen(descriptor, "rb");
	if (file == NULL) {
		close(descriptor);
		return error_set(error, ENOMEM, "no memory");
	}
	capture = pcap_fopen_offline(file, why);
	if (capture == NULL) {
		fclose(file);
		return error_set(error, EINVAL, "not a pcap file: %s", why);
	}
	if (pcap_datalink(capture) != DLT_EN10MB) {
		const char *type = pcap_datalink_val_to_name(pcap_datalink(capture));

		result = error_set(error, EINVAL, "not a capture of Ethernet: its link type is %s",
			type != NULL ? type : "unknown");
	} else {
		result = count_records(replay, capture, error);
	}
	/* What was read here is what the driver reads, whatever its name is or comes to mean. */
	replay->input = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	snprintf(replay->path, sizeof(replay->path), "/proc/self/fd/%d", replay->input);
	pcap_close(capture);
	return result;
}

bool replay_is_same_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static void writer_free(struct replay_writer *writer)
{
	if (writer->dumper != NULL)
		pcap_dump_close(writer->dumper);
	if (writer->format != NULL)
		pcap_close(writer->format);
	free(writer->copy);
	free(writer->path);
	free(writer);
}

static int writer_open(struct replay_writer **result, const char *path, struct error *error)
{
	struct replay_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return error_set(error, ENOMEM, "no memory");
	writer->path = strdup(path);
	writer->copy = malloc(REPLY_MAX);
	writer->format = pcap_open_dead(DLT_EN10MB, REPLY_MAX);
	if (writer->path == NULL || writer->copy == NULL || writer->format == NULL) {
		writer_free(writer);
		return error_set(error, ENOMEM, "no memory");
	}
	writer->dumper = pcap_dump_open(writer->format, path);
	if (writer->dumper == NULL) {
		const int why = errno;

		writer_free(writer);
		return error_set(error, EIO, "cannot write %s: %s", path, strerror(why));
	}
	*result = writer;
	return 0;
}

int replay_open(struct replay **result, const char *input, const char *output, struct error *error)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int failure;

	if (replay == NULL)
		return error_set(error, ENOMEM, "no memory");
	if (output != NULL && strcmp(output, "-") == 0) {
		free(replay);
		return error_set(
			error, EINVAL, "cannot write to -: standard output is the report's");
	}
	failure = read_input(replay, input, error);
	if (failure == 0 && output != NULL) {
		if (replay_is_same_file(input, output))
			failure = error_set(error, EINVAL, "input and output are the same file");
		else
			failure = writer_open(&replay->writer, output, error);
	}
	if (failure < 0) {
		if (replay->input > 0)
			close(replay->input);
		free(replay);
		return failure;
	}
	*result = replay;
	return 0;
}

/* rte_tx_callback_fn: copies the frames that go by. */
static uint16_t write_frames(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	struct replay_writer *writer = argument;

	(void)port;
	(void)queue;
	for (uint16_t i = 0; i < count; i++) {
		const uint32_t length = frames[i]->pkt_len;
		const uint64_t time = *RTE_MBUF_DYNFIELD(
			frames[i], writer->timestamp_offset, const rte_mbuf_timestamp_t *);
		const struct pcap_pkthdr header = {
			.ts = {.tv_sec = (time_t)(time / 1000000),
				.tv_usec = (suseconds_t)(time % 1000000)},
			.caplen = length,
			.len = length,
		};

		pcap_dump((u_char *)writer->dumper, &header,
			rte_pktmbuf_read(frames[i], 0, length, writer->copy));
	}
	return count;
}

int replay_attach(struct replay *replay, uint16_t port, struct error *error)
{
	if (replay->writer == NULL)
		return 0;
	replay->writer->timestamp_offset =
		rte_mbuf_dynfield_lookup(RTE_MBUF_DYNFIELD_TIMESTAMP_NAME, NULL);
	if (replay->writer->timestamp_offset < 0)
		return error_set(error, ENOTSUP, "the driver gives no timestamps");
	if (rte_eth_add_tx_callback(port, 0, write_frames, replay->writer) == NULL)
		return error_set(error, ENOMEM, "cannot watch what is transmitted: %s",
			rte_strerror(rte_errno));
	return 0;
}

int replay_close(struct replay *replay, struct error *error)
{
	int result = 0;

	if (replay == NULL)
		return 0;
	if (replay->writer != NULL) {
		errno = 0;
		if (pcap_dump_flush(replay->writer->dumper) != 0 ||
			ferror(pcap_dump_file(replay->writer->dumper)))
			result = error_set(error, EIO, "cannot write %s: %s", replay->writer->path,
				errno != 0 ? strerror(errno) : "it is not complete");
		writer_free(replay->writer);
	}
	close(replay->input);
	free(replay);
	return result;
}
