/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that writes a capture's file. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include <udpecho/control/log.h>

#include "capture/block.h"
#include "capture/session.h"
#include "runtime/workers.h"

/* An interface statistics block: head, two options of 8 bytes, their end, and the length again. */
#define STATISTICS_BYTES (20 + 12 + 12 + 4 + 4)

__attribute__((format(printf, 2, 3))) static void finish(
	struct capture_session *session, const char *format, ...)
{
	va_list arguments;

	if (session->why[0] != '\0') /* the first reason counts */
		return;
	va_start(arguments, format);
	vsnprintf(session->why, sizeof(session->why), format, arguments);
	va_end(arguments);
}

/* That the file is incomplete matters more than why the capture ended: this reason replaces it. */
static void fail(struct capture_session *session, int code)
{
	if (session->has_failed)
		return;
	session->why[0] = '\0';
	finish(session, "cannot write %s: %s", session->request.path, strerror(code));
	session->has_failed = true;
}

/* Writes COPY, unless the capture has reached a limit, and frees it. */
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
		else if (session->bytes + block->pkt_len > session->request.bytes)
			finish(session, "%u bytes", session->request.bytes);
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
		if (session->packets == session->request.packets)
			finish(session, "%u packets", session->request.packets);
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

/*
 * Writes for each port how many frames the taps saw and how many they missed. It gives DPDK no
 * times, which DPDK would write in the wrong byte order.
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

void *capture_session_write(void *argument)
{
	struct capture_session *session = argument;
	const uint64_t end = rte_get_timer_cycles() + session->request.seconds * rte_get_timer_hz();
	bool is_stopped = false;

	while (session->why[0] == '\0' && !is_stopped && rte_get_timer_cycles() < end) {
		if (write_some(session) == 0)
			rte_delay_us_sleep(CAPTURE_PAUSE_US);
		is_stopped = __atomic_load_n(&session->stop, __ATOMIC_ACQUIRE);
	}
	capture_session_observe(session, false);
	session->is_held = !workers_wait(session->runtime);
	/* Write what the workers copied until then, up to the limits. */
	while (!session->is_held && write_some(session) > 0)
		;
	if (is_stopped)
		finish(session, "stopped");
	else
		finish(session, "%u seconds", session->request.seconds);
	if (!session->has_failed)
		write_statistics(session);
	rte_pcapng_close(session->file);
	if (session->has_failed)
		log_say(RTE_LOG_ERR, "capture: %s: the capture ends after %" PRIu64 " packets",
			session->why, session->packets);
	else
		log_say(RTE_LOG_NOTICE, "capture: %s: done, %" PRIu64 " packets: %s",
			session->request.path, session->packets, session->why);
	__atomic_store_n(&session->is_over, true, __ATOMIC_RELEASE);
	return NULL;
}
