/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread that writes a capture's file. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>

#include <udpecho/control/log.h>

#include "capture/block.h"
#include "capture/session.h"
#include "runtime/workers.h"

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

static void write_block(struct capture_session *session)
{
	const int result = pcapng_write(session->file, &session->block);

	if (result < 0)
		fail(session, -result);
}

/* Writes COPY, unless the capture has reached a limit, and frees it. */
static void write_copy(
	struct capture_session *session, struct rte_mbuf *copy, const struct clock_point *now)
{
	struct capture_account *account =
		&session->accounts[capture_note(copy)->tap - session->taps];

	if (session->why[0] == '\0') {
		if (!capture_block_make(
			    &session->block, account->interface, copy, now, session->hz))
			fail(session, EMSGSIZE);
		else if (session->bytes + session->block.length > session->request.bytes)
			finish(session, "%u bytes", session->request.bytes);
		else
			write_block(session);
	}
	if (session->why[0] == '\0') {
		account->frames++;
		counter_add(&session->packets, 1);
		counter_add(&session->bytes, session->block.length);
		if (session->packets == session->request.packets)
			finish(session, "%u packets", session->request.packets);
	}
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

/* Writes for each port how many frames its taps saw, and how many of them they missed. */
static void write_statistics(struct capture_session *session)
{
	const struct clock_point now = clock_point_now(CLOCK_REALTIME);
	uint32_t interface = 0;

	for (unsigned int i = 0; i < session->tap_count && !session->has_failed; i++) {
		uint64_t written = 0, missed = 0;

		if (session->accounts[i].interface != interface)
			continue;
		for (unsigned int j = i; j < session->tap_count; j++)
			if (session->accounts[j].interface == interface) {
				written += session->accounts[j].frames;
				missed += session->taps[j].missed;
			}
		if (pcapng_make_statistics(
			    &session->block, interface++, now.ns, written + missed, missed))
			write_block(session);
		else
			fail(session, EMSGSIZE);
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
	if (close(session->file) < 0)
		fail(session, errno);
	if (session->has_failed)
		log_say(RTE_LOG_ERR, "capture: %s: the capture ends after %" PRIu64 " packets",
			session->why, session->packets);
	else
		log_say(RTE_LOG_NOTICE, "capture: %s: done, %" PRIu64 " packets: %s",
			session->request.path, session->packets, session->why);
	__atomic_store_n(&session->is_over, true, __ATOMIC_RELEASE);
	return NULL;
}
