/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include "device/replay_writer.h"

#define NS_PER_S  1000000000
/* The longest reply is the longest IPv6 packet behind two VLAN tags. */
#define REPLY_MAX (14 + 2 * 4 + 40 + 65535)

struct replay_writer {
	char *path;
	pcap_t *format;
	pcap_dumper_t *dumper;
	unsigned int unit;    /* nanoseconds in a unit of the file's times */
	int timestamp_offset; /* of the time of the request in an mbuf */
	uint8_t *copy;        /* room for a frame in several segments */
};

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

static int cannot_write(const char *path, int why, struct error *error)
{
	return error_set(error, EIO, "cannot write %s: %s", path, strerror(why));
}

int replay_writer_open(
	struct replay_writer **result, const char *path, bool is_fine, struct error *error)
{
	struct replay_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL)
		return error_set(error, ENOMEM, "no memory");
	writer->unit = is_fine ? 1 : 1000;
	writer->path = strdup(path);
	writer->copy = malloc(REPLY_MAX);
	writer->format = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, REPLY_MAX,
		is_fine ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
	if (writer->path == NULL || writer->copy == NULL || writer->format == NULL) {
		writer_free(writer);
		return error_set(error, ENOMEM, "no memory");
	}
	writer->dumper = pcap_dump_open(writer->format, path);
	if (writer->dumper == NULL) {
		const int why = errno;

		writer_free(writer);
		return cannot_write(path, why, error);
	}
	*result = writer;
	return 0;
}

int replay_writer_check(const char *path, struct error *error)
{
	char folder[PATH_MAX];
	struct stat status;

	if (stat(path, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return cannot_write(path, EISDIR, error);
		return access(path, W_OK) == 0 ? 0 : cannot_write(path, errno, error);
	}
	if (errno != ENOENT)
		return cannot_write(path, errno, error);
	if (strlen(path) >= sizeof(folder))
		return cannot_write(path, ENAMETOOLONG, error);
	strcpy(folder, path);
	return access(dirname(folder), W_OK | X_OK) == 0 ? 0 : cannot_write(path, errno, error);
}

/* An rte_tx_callback_fn that writes the frames to the file. */
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
			.ts = {.tv_sec = (time_t)(time / NS_PER_S),
				.tv_usec = (suseconds_t)(time % NS_PER_S / writer->unit)},
			.caplen = length,
			.len = length,
		};

		pcap_dump((u_char *)writer->dumper, &header,
			rte_pktmbuf_read(frames[i], 0, length, writer->copy));
	}
	return count;
}

int replay_writer_attach(
	struct replay_writer *writer, uint16_t port, int offset, struct error *error)
{
	writer->timestamp_offset = offset;
	if (rte_eth_add_tx_callback(port, 0, write_frames, writer) == NULL)
		return error_set(error, ENOMEM, "cannot write what is transmitted: %s",
			rte_strerror(rte_errno));
	return 0;
}

int replay_writer_close(struct replay_writer *writer, struct error *error)
{
	int result = 0;

	errno = 0;
	if (pcap_dump_flush(writer->dumper) != 0 || ferror(pcap_dump_file(writer->dumper)))
		result = error_set(error, EIO, "cannot write %s: %s", writer->path,
			errno != 0 ? strerror(errno) : "it is not complete");
	writer_free(writer);
	return result;
}
