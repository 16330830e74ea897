/* SPDX-License-Identifier: BSD-3-Clause */
#include "echo.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "cancel.h"

/* VERB is "read" or "write": the half of the exchange that failed. */
static enum status wake_report(enum wake wake, const char *verb, const struct peer *peer)
{
	enum status status = cancel_status();
	char from[PEER_NAME_MAX] = "";
	unsigned int others;

	switch (wake) {
	case WAKE_READY:
		break;
	case WAKE_TIMEOUT:
		others = peer_count_others(peer, from);
		if (others > 0)
			return report_failure(
				"%s udp %s: i/o timeout; but %u datagram%s came from %s", verb,
				peer->name, others, others == 1 ? "" : "s", from);
		return report_failure("%s udp %s: i/o timeout", verb, peer->name);
	case WAKE_CANCELLED:
		(void)report_failure("%s udp %s: %s", verb, peer->name, cancel_word(status));
		return status;
	case WAKE_ERROR:
		return report_failure("%s udp %s: %s", verb, peer->name, report_errno(errno));
	}
	return STATUS_DONE;
}

/* EMSGSIZE comes from our own interface or from a router on the path: then the size is told. */
static enum status socket_report(
	int error, const char *verb, const struct peer *peer, size_t sent_length)
{
	if (error == EMSGSIZE)
		return report_failure("%s udp %s: %s (%zu bytes)", verb, peer->name,
			report_errno(error), sent_length);
	return report_failure("%s udp %s: %s", verb, peer->name, report_errno(error));
}

/* poll(2): a read may still block, for instance if a checksum was wrong. Then poll again. */
static bool is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

enum status echo_write(
	const struct peer *peer, const struct payload *sent, struct deadline deadline)
{
	for (;;) {
		enum wake wake = deadline_wait(deadline, peer->socket, POLLOUT);

		if (wake != WAKE_READY)
			return wake_report(wake, "write", peer);
		if (send(peer->socket, sent->bytes, sent->length, 0) >= 0)
			return report_result("packet-written: bytes=%zu\n", sent->length);
		if (!is_passing(errno))
			return socket_report(errno, "write", peer, sent->length);
		if (deadline_passed(deadline))
			return wake_report(WAKE_TIMEOUT, "write", peer);
	}
}

static enum status received_report(
	size_t length, const struct sockaddr_storage *from, socklen_t from_length)
{
	char host[NI_MAXHOST];
	char port[NI_MAXSERV];
	char name[PEER_NAME_MAX];
	int error = getnameinfo((const struct sockaddr *)from, from_length, host, sizeof(host),
		port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);

	if (error != 0)
		return report_failure("print the sender's address: %s", report_gai(error));
	peer_name(name, host, port);
	return report_result("packet-received: bytes=%zu from=%s\n", length, name);
}

enum status echo_read(const struct peer *peer, struct payload *reply, size_t sent_length,
	struct deadline deadline)
{
	for (;;) {
		struct sockaddr_storage from = {0};
		socklen_t from_length = sizeof(from);
		enum wake wake = deadline_wait(deadline, peer->socket, POLLIN);
		ssize_t got;

		if (wake != WAKE_READY)
			return wake_report(wake, "read", peer);
		got = recvfrom(peer->socket, reply->bytes, sizeof(reply->bytes), 0,
			(struct sockaddr *)&from, &from_length);
		if (got >= 0) {
			reply->length = (size_t)got;
			return received_report(reply->length, &from, from_length);
		}
		if (!is_passing(errno))
			return socket_report(errno, "read", peer, sent_length);
		if (deadline_passed(deadline))
			return wake_report(WAKE_TIMEOUT, "read", peer);
	}
}

enum status echo_check(
	const struct peer *peer, const struct payload *sent, const struct payload *reply)
{
	size_t common = sent->length < reply->length ? sent->length : reply->length;

	for (size_t offset = 0; offset < common; offset++) {
		if (reply->bytes[offset] != sent->bytes[offset])
			return report_failure("check udp %s: reply differs at offset %zu: "
					      "got 0x%02x, expected 0x%02x",
				peer->name, offset, (unsigned int)reply->bytes[offset],
				(unsigned int)sent->bytes[offset]);
	}
	if (reply->length != sent->length)
		return report_failure("check udp %s: reply is too %s: got %zu bytes, expected %zu",
			peer->name, reply->length < sent->length ? "short" : "long", reply->length,
			sent->length);
	return STATUS_DONE;
}
