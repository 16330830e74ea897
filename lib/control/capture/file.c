/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_pcapng.h>
#include <rte_version.h>

#include <udpecho/capture.h>

#include "capture/block.h"
#include "capture/file.h"
#include "capture/filter.h"
#include "workers.h"

#define POOL_BYTES       (8 * 1024 * 1024) /* of copies that wait to be written */
#define POOL_LEAST       127
#define POOL_MOST        4095
#define PAUSE_US         1000
/* An interface statistics block: head, two options of 8 bytes, their end, and the length again. */
#define STATISTICS_BYTES (20 + 12 + 12 + 4 + 4)

struct capture_session {
	struct appliance *appliance;
	struct capture_wish wish;
	struct capture capture;
	struct rte_mempool *blocks; /* of pcapng blocks, on their way to the file */
	rte_pcapng_t *file;
	unsigned int tap_count;
	struct capture_tap *taps;
	uint64_t *written; /* of each tap */
	pthread_t thread;
	bool stop;                    /* set by another thread */
	bool is_over;                 /* the file is whole, or failed */
	bool has_failed;              /* why says it */
	bool is_held;                 /* a worker that stands still may yet use the taps */
	struct capture_session *next; /* of those that are held */
	uint64_t packets, bytes;
	double hz; /* of the TSC */
	char why[256];
};

__attribute__((format(printf, 2, 3))) static void finish(
	struct capture_session *session, const char *format, ...)
{
	va_list arguments;

	if (session->why[0] != '\0') /* the first reason is the reason */
		return;
	va_start(arguments, format);
	vsnprintf(session->why, sizeof(session->why), format, arguments);
	va_end(arguments);
}

/* Why the file is not whole is more than why the capture ended. */
static void fail(struct capture_session *session, int code)
{
	if (session->has_failed)
		return;
	session->why[0] = '\0';
	finish(session, "cannot write %s: %s", session->wish.path, strerror(code));
	session->has_failed = true;
}

/* Writes one copy, if there is still room for it in what is wanted, and frees it. */
static void write_copy(
	struct capture_session *session, struct rte_mbuf *copy, const struct clock_point *now)
{
	struct capture_tap *tap = capture_note(copy)->tap;
	struct rte_mbuf *block = NULL;
	ssize_t length = 0;

	if (session->why[0] == '\0') {
		block = capture_block_make(copy, session->blocks, now, session->hz);
		if (block == NULL)
			fail(session, ENOMEM);
		else if (session->bytes + block->pkt_len > session->wish.bytes)
			finish(session, "%u bytes", session->wish.bytes);
	}
	if (session->why[0] == '\0') {
		const uint32_t wanted = block->pkt_len;

		length = rte_pcapng_write_packets(session->file, &block, 1);
		if (length != (ssize_t)wanted)
			fail(session, length < 0 ? rte_errno : ENOSPC);
	}
	if (session->why[0] == '\0') {
		session->written[tap - session->taps]++;
		counter_add(&session->packets, 1);
		counter_add(&session->bytes, (uint64_t)length);
		if (session->packets == session->wish.packets)
			finish(session, "%u packets", session->wish.packets);
	}
	rte_pktmbuf_free(block);
	rte_pktmbuf_free(copy);
}

static unsigned int write_some(struct capture_session *session)
{
	struct rte_mbuf *copies[BURST_SIZE];
	const unsigned int count =
		rte_ring_sc_dequeue_burst(session->capture.ring, (void **)copies, BURST_SIZE, NULL);
	const struct clock_point now = clock_point_now(CLOCK_REALTIME);

	for (unsigned int i = 0; i < count; i++)
		write_copy(session, copies[i], &now);
	return count;
}

static void set_observers(struct capture_session *session, bool wanted)
{
	struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(session->appliance, i)) != NULL; i++)
		worker_set_observer(queue, wanted ? &session->taps[i].observer : NULL);
}

/* For each port, what was seen and what was missed; its times DPDK writes in the wrong byte order.
 */
static void write_statistics(struct capture_session *session)
{
	for (unsigned int i = 0; i < session->tap_count; i++) {
		uint64_t seen = 0, missed = 0;
		bool is_first = true;
		ssize_t length;

		for (unsigned int j = 0; j < session->tap_count; j++)
			if (session->taps[j].port == session->taps[i].port) {
				is_first &= j >= i;
				seen += session->written[j];
				missed += session->taps[j].missed;
			}
		if (!is_first || session->has_failed)
			continue;
		length = rte_pcapng_write_stats(
			session->file, session->taps[i].port, NULL, 0, 0, seen + missed, missed);
		if (length != STATISTICS_BYTES)
			fail(session, length < 0 ? errno : ENOSPC);
	}
}

static void *run(void *argument)
{
	struct capture_session *session = argument;
	const uint64_t end = rte_get_timer_cycles() + session->wish.seconds * rte_get_timer_hz();

	while (session->why[0] == '\0') {
		if (__atomic_load_n(&session->stop, __ATOMIC_ACQUIRE))
			finish(session, "stopped");
		else if (rte_get_timer_cycles() >= end)
			finish(session, "%u seconds", session->wish.seconds);
		else if (write_some(session) == 0)
			rte_delay_us_sleep(PAUSE_US);
	}
	set_observers(session, false);
	session->is_held = !workers_wait(session->appliance);
	while (!session->is_held && write_some(session) > 0)
		;
	if (!session->has_failed)
		write_statistics(session);
	rte_pcapng_close(session->file);
	__atomic_store_n(&session->is_over, true, __ATOMIC_RELEASE);
	return NULL;
}

static void release(struct capture_session *session)
{
	if (session->is_held) {
		session->next = session->appliance->captures_held;
		session->appliance->captures_held = session;
		return;
	}
	rte_mempool_free(session->capture.pool);
	rte_mempool_free(session->blocks);
	rte_ring_free(session->capture.ring);
	rte_bpf_destroy(session->capture.filter);
	rte_free(session->taps);
	free(session->written);
	free(session);
}

static int make_memory(struct capture_session *session, struct error *error)
{
	struct capture *capture = &session->capture;
	const uint32_t room = capture_block_room(session->wish.snaplen);
	const unsigned int count =
		RTE_MAX(POOL_LEAST, RTE_MIN(POOL_MOST, (unsigned int)(POOL_BYTES / room)));
	const int any = SOCKET_ID_ANY;
	static unsigned int number; /* names are in use until a worker that stood still ends */
	char name[RTE_RING_NAMESIZE / 2];

	snprintf(name, sizeof(name), "copies%u", number++);
	capture->pool = rte_pktmbuf_pool_create(name, count, BURST_SIZE,
		RTE_ALIGN(sizeof(struct capture_note), RTE_MBUF_PRIV_ALIGN), (uint16_t)room, any);
	snprintf(name, sizeof(name), "blocks%u", number++);
	session->blocks = rte_pktmbuf_pool_create(name, 1, 0, 0, (uint16_t)room, any);
	capture->ring = rte_ring_create(name, rte_align32pow2(count + 1), any, RING_F_SC_DEQ);
	session->taps = rte_zmalloc(
		"taps", session->tap_count * sizeof(*session->taps), RTE_CACHE_LINE_SIZE);
	/* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): a device has a queue at least
	 */
	session->written = calloc(session->tap_count, sizeof(*session->written));
	if (capture->pool == NULL || session->blocks == NULL || capture->ring == NULL ||
		session->taps == NULL || session->written == NULL)
		return error_set(error, ENOMEM, "no memory for the capture");
	return 0;
}

static int open_file(struct capture_session *session, struct error *error)
{
	const char *path = session->wish.path;
	char program[128];
	int descriptor, why;

	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return error_set(error, errno, "%s: %s", path, strerror(errno));
	snprintf(program, sizeof(program), "udpechod %s (%s)", UDPECHO_VERSION, rte_version());
	session->file = rte_pcapng_fdopen(descriptor, NULL, NULL, program,
		session->wish.filter[0] != '\0' ? session->wish.filter : NULL);
	if (session->file != NULL)
		return 0;
	why = rte_errno != 0 ? rte_errno : EIO;
	close(descriptor);
	unlink(path);
	return error_set(error, why, "%s: %s", path, strerror(why));
}

static int prepare(struct capture_session *session, struct error *error)
{
	struct capture *capture = &session->capture;
	struct worker_queue *queue;
	struct clock_point monotonic;
	int result;

	*capture = (struct capture){
		.verdicts = session->wish.verdicts,
		.received = session->wish.received,
		.sent = session->wish.sent,
		.snaplen = session->wish.snaplen,
	};
	while (workers_queue(session->appliance, session->tap_count) != NULL)
		session->tap_count++;
	if (session->wish.filter[0] != '\0') {
		result = capture_filter_make(&capture->filter, session->wish.filter, error);
		if (result < 0)
			return result;
	}
	result = make_memory(session, error);
	if (result < 0)
		return result;
	for (unsigned int i = 0; (queue = workers_queue(session->appliance, i)) != NULL; i++)
		capture_tap_init(&session->taps[i], capture, queue);
	monotonic = clock_point_now(CLOCK_MONOTONIC);
	session->hz = clock_hz(&session->appliance->started, &monotonic);
	return open_file(session, error);
}

static bool is_running(const struct capture_session *session)
{
	return session != NULL && !__atomic_load_n(&session->is_over, __ATOMIC_ACQUIRE);
}

int capture_file_start(
	struct appliance *appliance, const struct capture_wish *wish, struct error *error)
{
	struct capture_session *session;
	int result;

	if (appliance->config->explain)
		return error_set(error, EBUSY, "not together with --explain");
	if (is_running(appliance->capture))
		return error_set(error, EBUSY, "a capture is running: stop it first");
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return error_set(error, ENOMEM, "no memory for the capture");
	session->appliance = appliance;
	session->wish = *wish;
	result = prepare(session, error);
	if (result < 0) {
		release(session);
		return result;
	}
	capture_file_end(appliance);
	set_observers(session, true);
	result = rte_ctrl_thread_create(&session->thread, "udpechod-file", NULL, run, session);
	if (result < 0) {
		set_observers(session, false);
		session->is_held = !workers_wait(appliance);
		rte_pcapng_close(session->file);
		unlink(wish->path);
		release(session);
		return error_set(
			error, -result, "no thread for the capture: %s", strerror(-result));
	}
	appliance->capture = session;
	return 0;
}

void capture_file_stop(struct appliance *appliance)
{
	struct capture_session *session = appliance->capture;

	if (session == NULL)
		return;
	__atomic_store_n(&session->stop, true, __ATOMIC_RELEASE);
	while (is_running(session))
		rte_delay_us_sleep(PAUSE_US);
}

void capture_file_state(const struct appliance *appliance, struct capture_state *state)
{
	const struct capture_session *session = appliance->capture;

	*state = (struct capture_state){.state = "none"};
	if (session == NULL)
		return;
	strcpy(state->path, session->wish.path);
	state->packets = __atomic_load_n(&session->packets, __ATOMIC_RELAXED);
	state->bytes = __atomic_load_n(&session->bytes, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < session->tap_count; i++)
		state->missed += __atomic_load_n(&session->taps[i].missed, __ATOMIC_RELAXED);
	state->state = "running";
	if (is_running(session))
		return;
	state->state = session->has_failed ? "failed" : "done";
	strcpy(state->why, session->why);
}

void capture_file_end(struct appliance *appliance)
{
	if (appliance->capture == NULL)
		return;
	capture_file_stop(appliance);
	pthread_join(appliance->capture->thread, NULL);
	release(appliance->capture);
	appliance->capture = NULL;
}

void capture_file_release(struct appliance *appliance)
{
	struct capture_session *session;

	while ((session = appliance->captures_held) != NULL) {
		appliance->captures_held = session->next;
		session->is_held = false;
		release(session);
	}
}
