/* SPDX-License-Identifier: BSD-3-Clause */
#include "mtu.h"

#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "cancel.h"
#include "deadline.h"
#include "peer.h"
#include "probe.h"

#define ATTEMPTS  3
#define UDP_BYTES 8
#define PAUSE     (NANOSECONDS_PER_SECOND / 100)

/* The outcome of one size. */
enum outcome {
	OUTCOME_ECHO,
	OUTCOME_TOO_LONG, /* our interface, or a router, reported it */
	OUTCOME_SILENCE,
	OUTCOME_WRONG, /* what came back is not what was sent */
	OUTCOME_ERROR, /* and it has been reported */
};

static const char *const words[] = {[OUTCOME_ECHO] = "echo",
	[OUTCOME_TOO_LONG] = "too long",
	[OUTCOME_SILENCE] = "no reply",
	[OUTCOME_WRONG] = "a wrong reply"};

struct search {
	struct peer peer;
	const struct options *options;
	uint64_t run;
	uint64_t sequence;
	json_t *tries; /* the outcome of each size; NULL: print it instead */
};

static size_t headers(const struct peer *peer)
{
	return UDP_BYTES + (peer->address.ss_family == AF_INET6 ? 40 : 20);
}

/* Reads all errors: as long as one is queued, the socket is ready, and a wait would end at once. */
static void errors_forget(const struct search *search)
{
	uint8_t byte;
	int error;
	socklen_t length = sizeof(error);

	while (recv(search->peer.socket, &byte, sizeof(byte), MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		;
	(void)getsockopt(search->peer.socket, SOL_SOCKET, SO_ERROR, &error, &length);
}

/*
 * Whether EMSGSIZE is about a datagram of LENGTH: an ICMP error may be late, and be about a longer
 * one that was sent before. The kernel then knows the path's MTU.
 */
static bool is_too_long(const struct search *search, size_t length)
{
	const bool is_ipv6 = search->peer.address.ss_family == AF_INET6;
	int mtu;
	socklen_t size = sizeof(mtu);

	return getsockopt(search->peer.socket, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
		       is_ipv6 ? IPV6_MTU : IP_MTU, &mtu, &size) < 0 ||
	       length + headers(&search->peer) > (size_t)mtu;
}

/* Whether it is the late echo of an earlier attempt, and so no wrong reply to this one. */
static bool is_older(const struct search *search, const uint8_t *got, size_t length)
{
	struct probe probe;

	return probe_read(got, length, &probe) && probe.run == search->run &&
	       probe.sequence + 1 < search->sequence;
}

/* Waits for the echo of the LENGTH bytes SENT, until the timeout. */
static enum outcome echo_wait(struct search *search, const uint8_t *sent, size_t length)
{
	const struct deadline deadline = deadline_in(search->options->timeout);
	static uint8_t got[UINT16_MAX];
	enum outcome outcome = OUTCOME_SILENCE;

	for (;;) {
		const enum wake wake = deadline_wait(deadline, search->peer.socket, POLLIN);
		ssize_t count;

		if (wake == WAKE_TIMEOUT)
			return outcome;
		if (wake == WAKE_CANCELLED) {
			(void)report_failure(
				"read udp %s: %s", search->peer.name, cancel_word(cancel_status()));
			return OUTCOME_ERROR;
		}
		count = recv(search->peer.socket, got, sizeof(got), 0);
		if (count == (ssize_t)length && memcmp(got, sent, length) == 0)
			return OUTCOME_ECHO;
		if (count < 0 && errno == EMSGSIZE && is_too_long(search, length))
			return OUTCOME_TOO_LONG;
		if (count >= 0) {
			if (!is_older(search, got, (size_t)count))
				outcome = OUTCOME_WRONG;
		} else if (errno == EAGAIN || errno == EMSGSIZE) {
			errors_forget(search);
		} else if (errno != EINTR) {
			(void)report_failure(
				"read udp %s: %s", search->peer.name, report_errno(errno));
			return OUTCOME_ERROR;
		}
		if (deadline_passed(deadline))
			return outcome;
	}
}

static enum outcome attempt(struct search *search, size_t length)
{
	static uint8_t bytes[UINT16_MAX];
	const struct probe probe = {search->run, 0, search->sequence++, (uint64_t)monotonic_now()};
	const struct deadline deadline = deadline_in(search->options->timeout);

	probe_write(bytes, length, &probe);
	for (;;) {
		errors_forget(search);
		if (send(search->peer.socket, bytes, length, 0) >= 0)
			return echo_wait(search, bytes, length);
		if (errno == EMSGSIZE && is_too_long(search, length))
			return OUTCOME_TOO_LONG;
		/* send() may return an older error first, or find a queue of this machine full. */
		if ((errno != EMSGSIZE && errno != ENOBUFS && errno != EAGAIN) ||
			deadline_passed(deadline))
			break;
		if (errno != EMSGSIZE && deadline_wait(deadline_in(PAUSE), -1, 0) == WAKE_CANCELLED)
			break;
	}
	(void)report_failure("write udp %s: %s", search->peer.name, report_errno(errno));
	return OUTCOME_ERROR;
}

static enum status tell(struct search *search, size_t length, enum outcome outcome)
{
	const size_t bytes = length + headers(&search->peer);

	if (search->tries == NULL)
		return report_result("%zu bytes: %s\n", bytes, words[outcome]);
	(void)json_array_append_new(search->tries,
		json_pack("{s:I, s:s}", "bytes", (json_int_t)bytes, "outcome", words[outcome]));
	return STATUS_DONE;
}

/* A datagram may be lost by chance: silence counts only after several attempts. */
static enum outcome size_try(struct search *search, size_t length)
{
	enum outcome outcome = OUTCOME_SILENCE;

	for (unsigned int i = 0;
		i < ATTEMPTS && (outcome == OUTCOME_SILENCE || outcome == OUTCOME_WRONG); i++)
		outcome = attempt(search, length);
	if (outcome != OUTCOME_ERROR && tell(search, length, outcome) != STATUS_DONE)
		return OUTCOME_ERROR;
	return outcome;
}

/* Ethernet's MTU is likely, and takes two tries. Otherwise halving finds the size. */
static size_t next_size(const struct search *search, unsigned int tries, size_t works, size_t fails)
{
	const size_t ethernet = 1500 - headers(&search->peer);

	if (tries == 0)
		return ethernet;
	if (tries == 1 && works == ethernet)
		return ethernet + 1;
	return works + (fails - works) / 2;
}

/* WORKS_MOST: the largest payload that echoes. */
static enum status search_run(struct search *search, size_t *works_most)
{
	size_t works = PROBE_SIZE_MIN, fails = search->peer.payload_limit + 1;
	enum outcome outcome = size_try(search, works);

	if (outcome == OUTCOME_SILENCE || outcome == OUTCOME_WRONG)
		return report_failure("check udp %s: %s", search->peer.name, words[outcome]);
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
	*works_most = works;
	if (search->tries != NULL)
		return STATUS_DONE;
	return report_result("mtu of %s: %zu bytes, %zu of them payload\n", search->peer.name,
		works + headers(&search->peer), works);
}

/* Members that are not known are null. */
static json_t *search_json(const struct search *search, const char *host, size_t works)
{
	json_t *object = json_pack(
		"{s:s, s:n, s:n, s:O}", "host", host, "mtu", "payload", "tries", search->tries);

	if (works > 0) {
		json_object_set_new(
			object, "mtu", json_integer((json_int_t)(works + headers(&search->peer))));
		json_object_set_new(object, "payload", json_integer((json_int_t)works));
	}
	return object;
}

static enum status search_host(const struct options *options, unsigned int index, json_t *hosts)
{
	struct socket_options socket = options->socket;
	struct search search = {.options = options};
	size_t works = 0;
	enum status status;

	socket.dont_fragment = true;
	if (getrandom(&search.run, sizeof(search.run), 0) != sizeof(search.run))
		return report_failure("get a random number: %s", report_errno(errno));
	search.tries = hosts != NULL ? json_array() : NULL;
	status = peer_connect(&search.peer, options->hosts[index], options->port, &socket);
	if (status == STATUS_DONE) {
		status = search_run(&search, &works);
		peer_close(&search.peer);
	}
	if (hosts != NULL)
		(void)json_array_append_new(
			hosts, search_json(&search, options->hosts[index], works));
	json_decref(search.tries);
	return status;
}

enum status mtu_run(const struct options *options)
{
	json_t *hosts = options->json ? json_array() : NULL;
	enum status worst = STATUS_DONE, status;

	for (unsigned int i = 0; i < options->host_count && cancel_status() == STATUS_DONE; i++) {
		status = search_host(options, i, hosts);
		worst = status > worst ? status : worst;
	}
	if (hosts != NULL) {
		json_t *results = json_pack("{s:s, s:o}", "task", "mtu", "hosts", hosts);
		char *text = json_dumps(results, JSON_INDENT(2));

		status = text != NULL ? report_long(text) : report_failure("no memory");
		worst = status > worst ? status : worst;
		free(text);
		json_decref(results);
	}
	return worst;
}
