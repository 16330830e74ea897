/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "capture/file.h"
#include "capture/session.h"
#include "runtime/workers.h"

static bool is_running(const struct capture_session *session)
{
	return session != NULL && !__atomic_load_n(&session->is_over, __ATOMIC_ACQUIRE);
}

int capture_file_start(
	struct captures *captures, const struct capture_request *request, struct error *error)
{
	struct capture_session *session;
	int result;

	if (captures->runtime->config->explain)
		return error_set(error, EBUSY,
			"udpechod runs with --explain: restart it without --explain to capture");
	if (is_running(captures->last))
		return error_set(error, EBUSY, "a capture is running: stop it first");
	result = capture_session_make(captures, request, &session, error);
	if (result < 0)
		return result;
	capture_file_end(captures);
	capture_session_observe(session, true);
	/* It inherits its cores from the caller, which is not a worker. */
	result = pthread_create(&session->thread, NULL, capture_session_write, session);
	if (result != 0) {
		capture_session_observe(session, false);
		session->is_held = !workers_wait(captures->runtime);
		close(session->file);
		unlink(request->path);
		capture_session_free(session);
		return error_set(error, result, "cannot start a thread for the capture: %s",
			strerror(result));
	}
	pthread_setname_np(session->thread, "udpechod-file");
	captures->last = session;
	workers_wait(
		captures->runtime); /* each worker copies frames before the caller says "running" */
	return 0;
}

void capture_file_stop(struct captures *captures)
{
	struct capture_session *session = captures->last;

	if (session == NULL)
		return;
	__atomic_store_n(&session->stop, true, __ATOMIC_RELEASE);
	while (is_running(session))
		rte_delay_us_sleep(CAPTURE_PAUSE_US);
}

void capture_file_state(const struct captures *captures, struct capture_state *state)
{
	const struct capture_session *session = captures->last;

	*state = (struct capture_state){.state = "none"};
	if (session == NULL)
		return;
	strcpy(state->path, session->request.path);
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

void capture_file_end(struct captures *captures)
{
	if (captures->last == NULL)
		return;
	capture_file_stop(captures);
	pthread_join(captures->last->thread, NULL);
	capture_session_free(captures->last);
	captures->last = NULL;
}

void capture_file_release(struct captures *captures)
{
	struct capture_session *session;

	while ((session = captures->held) != NULL) {
		captures->held = session->next;
		session->is_held = false;
		capture_session_free(session);
	}
}
