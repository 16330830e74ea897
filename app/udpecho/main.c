/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udpecho: sends datagrams, checks that they come back, and measures how.
 *
 * Read on in this order: command_line.c, peer.c (from name to socket), and then one of three. For
 * standard input: input.c and echo.c. For a measurement: engine.c (all threads), thread.c (one
 * thread), send.c, receive.c, match.c (which datagram a reply answers), account.c (the fate of each
 * datagram) and results.c. For --mtu: mtu.c. All of them use run.h (the structs of a run), probe.c
 * (the datagrams), histogram.c, deadline.c, cancel.c (signals) and output.c.
 */
#include "cancel.h"
#include "command_line.h"
#include "echo.h"
#include "engine.h"
#include "input.h"
#include "mtu.h"
#include "output.h"
#include "peer.h"
#include "results.h"

static enum status exchange(const struct peer *peer, int64_t timeout_nanoseconds)
{
	static struct payload sent;
	static struct payload reply;
	struct deadline deadline;
	enum status status;

	status = input_read(&sent, peer->payload_limit);
	if (status != STATUS_DONE)
		return status;

	deadline = deadline_in(timeout_nanoseconds);
	status = echo_write(peer, &sent, deadline);
	if (status != STATUS_DONE)
		return status;
	status = echo_read(peer, &reply, sent.length, deadline);
	if (status != STATUS_DONE)
		return status;
	return echo_check(peer, &sent, &reply);
}

/* First the peer, then the input: a wrong name should not cost a typed message. */
static enum status pipe_run(const struct options *options)
{
	struct peer peer;
	enum status status;

	status = peer_connect(&peer, options->hosts[0], options->port, &options->socket);
	if (status != STATUS_DONE)
		return status;
	status = exchange(&peer, options->timeout);
	peer_close(&peer);
	return status;
}

static enum status measure(const struct options *options)
{
	static struct engine engine;
	enum status status;

	status = engine_open(&engine, options);
	if (status == STATUS_DONE)
		status = results_begin(&engine);
	if (status == STATUS_DONE)
		status = engine_run(&engine);
	if (status == STATUS_DONE)
		status = results_end(&engine);
	engine_close(&engine);
	return status == STATUS_DONE && engine.is_short ? STATUS_FAILED : status;
}

static enum status run(const struct options *options)
{
	enum status status;

	/* Only this task reads standard input; for the others it may be closed. */
	status = report_open(options->task == TASK_PIPE);
	if (status != STATUS_DONE)
		return status;
	status = peer_try(&options->socket);
	if (status != STATUS_DONE)
		return status;
	switch (options->task) {
	case TASK_PIPE:
		return pipe_run(options);
	case TASK_MTU:
		return mtu_run(options);
	default:
		return measure(options);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status;

	cancel_setup();
	status = command_line_parse(&options, argc, argv);
	if (status != STATUS_DONE)
		return (int)status;

	switch (options.task) {
	case TASK_HELP:
		return (int)command_line_help();
	case TASK_VERSION:
		return (int)report_result("udpecho %s\n", UDPECHO_VERSION);
	default:
		return (int)run(&options);
	}
}
