/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
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
	const uint32_t room = capture_block_room(session->request.snaplen);
	const unsigned int count =
		RTE_MAX(POOL_LEAST, RTE_MIN(POOL_MOST, (unsigned int)(POOL_BYTES / room)));
	const int any = SOCKET_ID_ANY;
	static unsigned int number; /* a held session keeps its names, so each has its own */
	char name[RTE_RING_NAMESIZE / 2];

	snprintf(name, sizeof(name), "copies%u", number++);
	capture->pool = rte_pktmbuf_pool_create(name, count, BURST_SIZE,
		RTE_ALIGN(sizeof(struct capture_note), RTE_MBUF_PRIV_ALIGN), (uint16_t)room, any);
	snprintf(name, sizeof(name), "blocks%u", number++);
	session->blocks = rte_pktmbuf_pool_create(name, 1, 0, 0, (uint16_t)room, any);
	capture->ring = rte_ring_create(name, rte_align32pow2(count + 1), any, RING_F_SC_DEQ);
	session->taps = rte_zmalloc(
		"taps", session->tap_count * sizeof(*session->taps), RTE_CACHE_LINE_SIZE);
	/* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): there is a queue */
	session->written = calloc(session->tap_count, sizeof(*session->written));
	if (capture->pool == NULL || session->blocks == NULL || capture->ring == NULL ||
		session->taps == NULL || session->written == NULL)
		return error_set(error, ENOMEM, "no memory for the capture");
	return 0;
}

static int open_file(struct capture_session *session, struct error *error)
{
	const char *path = session->request.path;
	char program[128];
	int descriptor, why;

	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return error_set(error, errno, "%s: %s", path, strerror(errno));
	snprintf(program, sizeof(program), "udpechod %s (%s)", UDPECHO_VERSION, rte_version());
	session->file = rte_pcapng_fdopen(descriptor, NULL, NULL, program,
		session->request.filter[0] != '\0' ? session->request.filter : NULL);
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
