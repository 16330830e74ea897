/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_malloc.h>
#include <rte_version.h>

#include "capture/block.h"
#include "capture/filter.h"
#include "capture/session.h"
#include "runtime/workers.h"

#define POOL_BYTES (8 * 1024 * 1024) /* of copies that wait to be written */
#define POOL_LEAST 127
#define POOL_MOST  4095

void capture_session_observe(struct capture_session *session, bool wanted)
{
	struct worker_queue *queue;

	for (unsigned int i = 0; (queue = workers_queue(session->runtime, i)) != NULL; i++)
		worker_set_observer(queue, wanted ? &session->taps[i].observer : NULL);
}

void capture_session_free(struct capture_session *session)
{
	if (session->is_held) {
		session->next = session->captures->held;
		session->captures->held = session;
		return;
	}
	rte_mempool_free(session->capture.pool);
	rte_ring_free(session->capture.ring);
	rte_bpf_destroy(session->capture.filter);
	rte_free(session->taps);
	free(session->accounts);
	free(session->block.bytes);
	free(session);
}

static int make_memory(struct capture_session *session, struct error *error)
{
	struct capture *capture = &session->capture;
	const uint32_t room = session->request.snaplen + RTE_PKTMBUF_HEADROOM;
	const unsigned int count =
		RTE_MAX(POOL_LEAST, RTE_MIN(POOL_MOST, (unsigned int)(POOL_BYTES / room)));
	const int any = SOCKET_ID_ANY;
	static unsigned int number; /* a held session keeps its names, so each has its own */
	char name[RTE_RING_NAMESIZE / 2];

	snprintf(name, sizeof(name), "copies%u", number++);
	capture->pool = rte_pktmbuf_pool_create(name, count, BURST_SIZE,
		RTE_ALIGN(sizeof(struct capture_note), RTE_MBUF_PRIV_ALIGN), (uint16_t)room, any);
	capture->ring = rte_ring_create(name, rte_align32pow2(count + 1), any, RING_F_SC_DEQ);
	session->taps = rte_zmalloc(
		"taps", session->tap_count * sizeof(*session->taps), RTE_CACHE_LINE_SIZE);
	/* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is a queue */
	session->accounts = calloc(session->tap_count, sizeof(*session->accounts));
	session->block.room = capture_block_room(session->request.snaplen);
	session->block.bytes = malloc(session->block.room);
	if (capture->pool == NULL || capture->ring == NULL || session->taps == NULL ||
		session->accounts == NULL || session->block.bytes == NULL)
		return error_set(error, ENOMEM, "no memory for the capture");
	return 0;
}

/* Numbers the ports in the order of their first taps, and writes what they are. */
static int write_interfaces(struct capture_session *session)
{
	const struct capture_tap *taps = session->taps;
	uint32_t count = 0;

	for (unsigned int i = 0; i < session->tap_count; i++) {
		unsigned int first = 0;
		int result;

		while (taps[first].port != taps[i].port)
			first++;
		session->accounts[i].interface =
			first < i ? session->accounts[first].interface : count++;
		if (first < i)
			continue;
		if (!capture_block_interface(&session->block, taps[i].port))
			return -EMSGSIZE;
		result = pcapng_write(session->file, &session->block);
		if (result < 0)
			return result;
	}
	return 0;
}

static int write_start(struct capture_session *session)
{
	const char *filter = session->request.filter;
	char program[128];
	int result;

	snprintf(program, sizeof(program), "udpechod %s (%s)", UDPECHO_VERSION, rte_version());
	if (!pcapng_make_section(&session->block, program, filter[0] != '\0' ? filter : NULL))
		return -EMSGSIZE;
	result = pcapng_write(session->file, &session->block);
	return result < 0 ? result : write_interfaces(session);
}

static int open_file(struct capture_session *session, struct error *error)
{
	const char *path = session->request.path;
	int result;

	session->file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (session->file < 0)
		return error_set(error, errno, "%s: %s", path, strerror(errno));
	result = write_start(session);
	if (result == 0)
		return 0;
	close(session->file);
	unlink(path);
	return error_set(error, -result, "%s: %s", path, strerror(-result));
}

static int prepare(struct capture_session *session, struct error *error)
{
	struct capture *capture = &session->capture;
	struct worker_queue *queue;
	struct clock_point monotonic;
	int result;

	*capture = (struct capture){
		.verdicts = session->request.verdicts,
		.received = session->request.received,
		.sent = session->request.sent,
		.snaplen = session->request.snaplen,
	};
	while (workers_queue(session->runtime, session->tap_count) != NULL)
		session->tap_count++;
	if (session->request.filter[0] != '\0') {
		result = capture_filter_make(&capture->filter, session->request.filter, error);
		if (result < 0)
			return result;
	}
	result = make_memory(session, error);
	if (result < 0)
		return result;
	for (unsigned int i = 0; (queue = workers_queue(session->runtime, i)) != NULL; i++)
		capture_tap_init(&session->taps[i], capture, queue);
	monotonic = clock_point_now(CLOCK_MONOTONIC);
	session->hz = clock_hz(&session->runtime->started, &monotonic);
	return open_file(session, error);
}

int capture_session_make(struct captures *captures, const struct capture_request *request,
	struct capture_session **session, struct error *error)
{
	struct capture_session *made = calloc(1, sizeof(*made));
	int result;

	if (made == NULL)
		return error_set(error, ENOMEM, "no memory for the capture");
	made->captures = captures;
	made->runtime = captures->runtime;
	made->request = *request;
	result = prepare(made, error);
	if (result < 0)
		capture_session_free(made);
	else
		*session = made;
	return result;
}
