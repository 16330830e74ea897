/* SPDX-License-Identifier: BSD-3-Clause */
#include "mtu.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "cancel.h"
#include "deadline.h"
#include "peer.h"
#include "probe.h"

#define ATTEMPTS  3
#define UDP_BYTES 8

/* What came of one size. */
enum outcome {
	OUTCOME_ECHO,
	OUTCOME_TOO_LONG, /* our interface, or a router, says so */
	OUTCOME_SILENCE,
	OUTCOME_ERROR, /* reported */
};

struct search {
	struct peer peer;
	const struct options *options;
	uint64_t run;
	uint64_t sequence;
};

static size_t headers(const struct peer *peer)
{
	return UDP_BYTES + (peer->address.ss_family == AF_INET6 ? 40 : 20);
}

/* The socket is ready as long as something lies there: nobody would wait for anything. */
static void errors_forget(const struct search *search)
{
	uint8_t byte;

	while (recv(search->peer.socket, &byte, sizeof(byte), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
}

/* Waits for the echo of what was sent, until the deadline. */
static enum outcome echo_wait(struct search *search, const uint8_t *sent, size_t length)
{
	const struct deadline deadline = deadline_in(search->options->timeout);
	static uint8_t got[UINT16_MAX];

	for (;;) {
		const enum wake wake = deadline_wait(deadline, search->peer.socket, POLLIN);
		ssize_t count;

		if (wake == WAKE_TIMEOUT)
			return OUTCOME_SILENCE;
		if (wake == WAKE_CANCELLED) {
			(void)report_failure(
				"read udp %s: %s", search->peer.name, cancel_word(cancel_status()));
			return OUTCOME_ERROR;
		}
		count = recv(search->peer.socket, got, sizeof(got), 0);
		if (count == (ssize_t)length && memcmp(got, sent, length) == 0)
			return OUTCOME_ECHO;
		if (count < 0 && errno == EMSGSIZE)
			return OUTCOME_TOO_LONG;
		if (count < 0 && errno == EAGAIN) {
			errors_forget(search);
		} else if (count < 0 && errno != EINTR) {
			(void)report_failure(
				"read udp %s: %s", search->peer.name, report_errno(errno));
			return OUTCOME_ERROR;
		}
		if (deadline_passed(deadline))
			return OUTCOME_SILENCE;
	}
}

static enum outcome attempt(struct search *search, size_t length)
{
	static uint8_t bytes[UINT16_MAX];
	const struct probe probe = {search->run, 0, search->sequence++, (uint64_t)clock_now()};

	probe_write(bytes, length, &probe);
	errors_forget(search);
	/* An old error of the socket's may come first. */
	for (unsigned int i = 0; i < 2; i++) {
		if (send(search->peer.socket, bytes, length, 0) >= 0)
			return echo_wait(search, bytes, length);
		if (errno == EMSGSIZE)
			return OUTCOME_TOO_LONG;
	}
	(void)report_failure("write udp %s: %s", search->peer.name, report_errno(errno));
	return OUTCOME_ERROR;
}

/* A datagram may get lost by chance: silence counts after some attempts. */
static enum outcome size_try(struct search *search, size_t length)
{
	static const char *const words[] = {[OUTCOME_ECHO] = "echo",
		[OUTCOME_TOO_LONG] = "too long",
		[OUTCOME_SILENCE] = "no reply"};
	enum outcome outcome = OUTCOME_SILENCE;

	for (unsigned int i = 0; i < ATTEMPTS && outcome == OUTCOME_SILENCE; i++)
		outcome = attempt(search, length);
	if (outcome != OUTCOME_ERROR &&
		report_result("%zu bytes: %s\n", length + headers(&search->peer), words[outcome]) !=
			STATUS_DONE)
		return OUTCOME_ERROR;
	return outcome;
}

/* Ethernet's size is the likely one: two tries then settle it. Else the middle, again and again. */
static size_t next_size(const struct search *search, unsigned int tries, size_t works, size_t fails)
{
	const size_t ethernet = 1500 - headers(&search->peer);

	if (tries == 0)
		return ethernet;
	if (tries == 1 && works == ethernet)
		return ethernet + 1;
	return works + (fails - works) / 2;
}

static enum status search_run(struct search *search)
{
	size_t works = PROBE_SIZE_MIN, fails = search->peer.payload_limit + 1;
	enum outcome outcome = size_try(search, works);

	if (outcome == OUTCOME_SILENCE)
		return report_failure("check udp %s: no reply", search->peer.name);
	for (unsigned int tries = 0; outcome != OUTCOME_ERROR && fails - works > 1; tries++) {
		const size_t length = next_size(search, tries, works, fails);

		outcome = size_try(search, length);
		if (outcome == OUTCOME_ECHO)
			works = length;
		else
			fails = length;
	}
	if (outcome == OUTCOME_ERROR)
		return cancel_status() != STATUS_DONE ? cancel_status() : STATUS_FAILED;
	return report_result("mtu of %s: %zu bytes, %zu of them payload\n", search->peer.name,
		works + headers(&search->peer), works);
}

enum status mtu_run(const struct options *options)
{
	struct socket_options socket = options->socket;
	enum status worst = STATUS_DONE;

	socket.dont_fragment = true;
	for (unsigned int i = 0; i < options->host_count && cancel_status() == STATUS_DONE; i++) {
		struct search search = {.options = options};
		enum status status;

		if (getrandom(&search.run, sizeof(search.run), 0) != sizeof(search.run))
			return report_failure("no random number: %s", report_errno(errno));
		status = peer_connect(&search.peer, options->hosts[i], options->port, &socket);
		if (status == STATUS_DONE) {
			status = search_run(&search);
			peer_close(&search.peer);
		}
		worst = status > worst ? status : worst;
	}
	return worst;
}
