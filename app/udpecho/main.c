/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * udpecho: sends standard input as one datagram, and proves that it comes back.
 *
 * Read on in this order: options.c, peer.c (name to socket), input.c, echo.c (the exchange), then
 * what they stand on: deadline.c, cancel.c (signals) and report.c.
 */
#include "cancel.h"
#include "echo.h"
#include "input.h"
#include "options.h"
#include "peer.h"
#include "report.h"

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

/* The peer comes before the input: a wrong name should not cost anybody a typed message. */
static enum status run(const struct options *options)
{
	struct peer peer;
	enum status status;

	status = report_open();
	if (status != STATUS_DONE)
		return status;
	status = peer_connect(&peer, options->host, options->port);
	if (status != STATUS_DONE)
		return status;
	status = exchange(&peer, options->timeout_nanoseconds);
	peer_close(&peer);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status;

	cancel_setup();
	status = options_parse(&options, argc, argv);
	if (status != STATUS_DONE)
		return (int)status;

	switch (options.task) {
	case TASK_HELP:
		return (int)options_help();
	case TASK_VERSION:
		return (int)report_result("udpecho %s\n", UDPECHO_VERSION);
	case TASK_ECHO:
		break;
	}
	return (int)run(&options);
}
