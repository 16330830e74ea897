/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include <udpecho/datapath/counters.h>

#include "device/replay.h"
#include "device/replay_writer.h"

#define RECORDS_AT_ONCE 4096 /* between two beats of the pulse */

static int count_records(struct replay *replay, const struct pulse *pulse, struct error *error)
{
	struct record record;
	int result;

	while ((result = records_next(replay->reader, &record, error)) == 1) {
		replay->records++;
		if (replay->records % RECORDS_AT_ONCE == 0) {
			result = pulse_beat(pulse, error);
			if (result < 0)
				return result;
		}
		if (record.fate == RECORD_TOO_LONG) {
			replay->skips.records_too_long++;
		} else if (record.fate == RECORD_NOT_ETHERNET) {
			replay->skips.records_not_ethernet++;
		} else {
			replay->truncated += record.captured < record.length;
			replay->longest = RTE_MAX(replay->longest, record.captured);
		}
	}
	replay->skips.records_cut_off = records_are_cut(replay->reader);
	replay->is_fine = records_are_fine(replay->reader);
	return result < 0 ? result : records_check_link(replay->reader, error);
}

static int open_input(struct replay *replay, const char *path, struct error *error)
{
	struct stat status;

	/* Without O_NONBLOCK this could wait for a pipe for ever. */
	replay->input = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (replay->input < 0 || fstat(replay->input, &status) < 0)
		return error_set(error, errno, "%s", strerror(errno));
	if (S_ISDIR(status.st_mode))
		return error_set(
			error, EISDIR, "not a file but a directory: name one capture in it");
	if (!S_ISREG(status.st_mode))
		return error_set(error, EINVAL,
			"not a file: udpechod reads it twice, so it can't be a pipe");
	return 0;
}

/*
 * Reads the capture once, to report errors before anything starts, and then opens it again from the
 * same descriptor: the replay reads this file, even if somebody renames or replaces it.
 */
static int read_input(
	struct replay *replay, const char *path, const struct pulse *pulse, struct error *error)
{
	int result = open_input(replay, path, error);

	if (result == 0)
		result = records_open(&replay->reader, replay->input, error);
	if (result < 0)
		return result;
	result = count_records(replay, pulse, error);
	records_close(replay->reader);
	replay->reader = NULL;
	return result == 0 ? records_open(&replay->reader, replay->input, error) : result;
}

bool replay_is_same_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static int check_output(const char *input, const char *output, struct error *error)
{
	if (strcmp(output, "-") == 0)
		return error_set(
			error, EINVAL, "cannot write to -: standard output is for the report");
	if (replay_is_same_file(input, output))
		return error_set(error, EINVAL, "input and output are the same file");
	return 0;
}

static void replay_free(struct replay *replay)
{
	records_close(replay->reader);
	if (replay->input >= 0)
		close(replay->input);
	free(replay);
}

static int open_all(struct replay **result, const char *input, const char *output, bool is_check,
	const struct pulse *pulse, struct error *error)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int failure;

	if (replay == NULL)
		return error_set(error, ENOMEM, "no memory");
	replay->input = -1;
	failure = read_input(replay, input, pulse, error);
	if (failure == 0 && output != NULL) {
		failure = check_output(input, output, error);
		if (failure == 0)
			failure = is_check ? replay_writer_check(output, error)
					   : replay_writer_open(&replay->writer, output,
						     replay->is_fine, error);
	}
	if (failure < 0 || is_check)
		replay_free(replay);
	else
		*result = replay;
	return failure;
}

int replay_open(struct replay **result, const char *input, const char *output,
	const struct pulse *pulse, struct error *error)
{
	return open_all(result, input, output, false, pulse, error);
}

int replay_check(
	const char *input, const char *output, const struct pulse *pulse, struct error *error)
{
	return open_all(NULL, input, output, true, pulse, error);
}

static void tell(const struct replay *replay, uint64_t number, const char *why)
{
	if (replay->watch != NULL)
		replay->watch(replay->watcher, number, why);
}

/* Returns a copy of the record, in a chain if one mbuf is too small, or NULL without memory. */
static struct rte_mbuf *copy_record(const struct replay *replay, const struct record *record)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(replay->pool), *last = frame;
	uint32_t done = 0;

	if (frame == NULL)
		return NULL;
	for (;;) {
		const uint16_t part = (uint16_t)RTE_MIN(
			record->captured - done, (uint32_t)rte_pktmbuf_tailroom(last));

		rte_memcpy(rte_pktmbuf_mtod(last, uint8_t *), record->data + done, part);
		last->data_len = part;
		done += part;
		if (done == record->captured)
			break;
		last->next = rte_pktmbuf_alloc(replay->pool);
		if (last->next == NULL) {
			rte_pktmbuf_free(frame);
			return NULL;
		}
		last = last->next;
		frame->nb_segs++;
	}
	frame->pkt_len = done;
	*RTE_MBUF_DYNFIELD(frame, replay->timestamp_offset, rte_mbuf_timestamp_t *) = record->ns;
	return frame;
}

/* Returns why a record is skipped. */
static const char *fate_text(enum record_fate fate)
{
	return fate == RECORD_TOO_LONG ? "longer than 65535 bytes" : "not Ethernet";
}

static void finish(struct replay *replay)
{
	if (replay->skips.records_cut_off > 0)
		tell(replay, replay->records + 1, "cut off by the end of the file");
	replay->is_done = true;
}

/* Returns the next frame, or NULL. It ignores records that were added after the first reading. */
static struct rte_mbuf *next_frame(struct replay *replay)
{
	struct record record = {0};
	struct rte_mbuf *frame;

	while (replay->number < replay->records) {
		const int result = records_next(replay->reader, &record, &replay->failure);

		if (result == 0)
			error_set(&replay->failure, EIO, "it has fewer records now");
		if (result != 1) {
			error_prefix(&replay->failure, "the capture changed during the replay");
			break;
		}
		replay->number = record.number;
		if (record.fate != RECORD_REPLAYED) {
			tell(replay, record.number, fate_text(record.fate));
			continue;
		}
		frame = copy_record(replay, &record);
		if (frame != NULL)
			return frame;
		counter_add(&replay->lost, 1);
		tell(replay, record.number, "no packet buffer was free");
	}
	finish(replay);
	return NULL;
}

/* An rte_rx_callback_fn. net_null received nothing, so that all frames come from here. */
static uint16_t deliver(uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count,
	uint16_t maximum, void *argument)
{
	struct replay *replay = argument;

	(void)queue;
	while (count < maximum && !replay->is_done) {
		struct rte_mbuf *frame = next_frame(replay);

		if (frame == NULL)
			break;
		frame->port = port;
		counter_add(&replay->delivered, 1);
		frames[count++] = frame;
	}
	return count;
}

void replay_watch(struct replay *replay,
	void (*watch)(void *argument, uint64_t number, const char *why), void *watcher)
{
	replay->watch = watch;
	replay->watcher = watcher;
}

int replay_attach(
	struct replay *replay, uint16_t port, struct rte_mempool *pool, struct error *error)
{
	if (rte_mbuf_dyn_rx_timestamp_register(&replay->timestamp_offset, NULL) != 0)
		return error_set(
			error, rte_errno, "no room for timestamps: %s", rte_strerror(rte_errno));
	replay->pool = pool;
	if (rte_eth_add_rx_callback(port, 0, deliver, replay) == NULL)
		return error_set(
			error, ENOMEM, "cannot deliver its records: %s", rte_strerror(rte_errno));
	return replay->writer == NULL ? 0
				      : replay_writer_attach(replay->writer, port,
						replay->timestamp_offset, error);
}

int replay_close(struct replay *replay, struct error *error)
{
	int result = 0;

	if (replay == NULL)
		return 0;
	if (replay->failure.text[0] != '\0')
		result = error_set(error, EIO, "%s", replay->failure.text);
	if (replay->writer != NULL) {
		const int failure = replay_writer_close(replay->writer, error);

		if (result == 0)
			result = failure;
	}
	replay_free(replay);
	return result;
}
