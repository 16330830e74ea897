/* SPDX-License-Identifier: BSD-3-Clause */
#include "reroute.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The address that the socket is bound to, without its port. */
static bool address_get(int fd, struct sockaddr_storage *address)
{
	socklen_t length = sizeof(*address);

	memset(address, 0, sizeof(*address));
	if (getsockname(fd, (struct sockaddr *)address, &length) != 0)
		return false;
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)address)->sin6_port = 0;
	else
		((struct sockaddr_in *)address)->sin_port = 0;
	return true;
}

bool route_has_moved(
	const struct flow *flow, const struct peer *peer, const struct socket_options *options)
{
	struct sockaddr_storage own, other;
	const int fd = options->source == NULL ? peer_socket(peer, options) : -1;
	bool has_moved;

	if (fd < 0)
		return false;
	has_moved = address_get(flow->socket, &own) && address_get(fd, &other) &&
		    memcmp(&own, &other, sizeof(own)) != 0;
	close(fd);
	return has_moved;
}

/* connect(2): AF_UNSPEC dissolves the association, and the source address goes with it. */
static void disconnect(int fd)
{
	const struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	(void)connect(fd, &nobody, sizeof(nobody));
}

/* A port that the kernel had chosen goes as well: bind it again. */
static void port_keep(const struct flow *flow, const struct peer *peer)
{
	struct sockaddr_storage any = {.ss_family = peer->address.ss_family};

	if (any.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&any)->sin6_port = htons(flow->source_port);
	else
		((struct sockaddr_in *)&any)->sin_port = htons(flow->source_port);
	(void)bind(flow->socket, (const struct sockaddr *)&any, peer->address_length);
}

int route_renew(struct flow *flow, const struct peer *peer)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);
	int error = 0;

	disconnect(flow->socket);
	port_keep(flow, peer);
	if (connect(flow->socket, (const struct sockaddr *)&peer->address, peer->address_length) !=
		0)
		error = -errno;
	if (getsockname(flow->socket, (struct sockaddr *)&own, &length) == 0)
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): getsockname() set it */
		flow->source_port = ntohs(((const struct sockaddr_in *)&own)->sin_port);
	return error;
}

bool route_is_at_fault(int error)
{
	return error == EINVAL || error == EADDRNOTAVAIL || error == ENETUNREACH ||
	       error == EHOSTUNREACH || error == ENETDOWN || error == EDESTADDRREQ ||
	       error == ENODEV || error == ENXIO;
}
