/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_lcore.h>

#include "capture/file.h"
#include "capture/session.h"
#include "workers.h"

static bool is_running(const struct capture_session *session)
{
	return session != NULL && !__atomic_load_n(&session->is_over, __ATOMIC_ACQUIRE);
}

int capture_file_start(
	struct appliance *appliance, const struct capture_request *request, struct error *error)
{
	struct capture_session *session;
	int result;

	if (appliance->config->explain)
		return error_set(error, EBUSY,
			"udpechod runs with --explain: restart it without --explain to capture");
	if (is_running(appliance->capture))
		return error_set(error, EBUSY, "a capture is running: stop it first");
	result = capture_session_make(appliance, request, &session, error);
	if (result < 0)
		return result;
	capture_file_end(appliance);
	capture_session_observe(session, true);
	result = rte_ctrl_thread_create(
		&session->thread, "udpechod-file", NULL, capture_session_write, session);
	if (result < 0) {
		capture_session_observe(session, false);
		session->is_held = !workers_wait(appliance);
		rte_pcapng_close(session->file);
		unlink(request->path);
		capture_session_free(session);
		return error_set(error, -result, "cannot start a thread for the capture: %s",
			strerror(-result));
	}
	appliance->capture = session;
	workers_wait(appliance); /* each worker copies frames before the caller says "running" */
	return 0;
}

void capture_file_stop(struct appliance *appliance)
{
	struct capture_session *session = appliance->capture;

	if (session == NULL)
		return;
	__atomic_store_n(&session->stop, true, __ATOMIC_RELEASE);
	while (is_running(session))
		rte_delay_us_sleep(CAPTURE_PAUSE_US);
}

void capture_file_state(const struct appliance *appliance, struct capture_state *state)
{
	const struct capture_session *session = appliance->capture;

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

void capture_file_end(struct appliance *appliance)
{
	if (appliance->capture == NULL)
		return;
	capture_file_stop(appliance);
	pthread_join(appliance->capture->thread, NULL);
	capture_session_free(appliance->capture);
	appliance->capture = NULL;
}

void capture_file_release(struct appliance *appliance)
{
	struct capture_session *session;

	while ((session = appliance->captures_held) != NULL) {
		appliance->captures_held = session->next;
		session->is_held = false;
		capture_session_free(session);
	}
}
