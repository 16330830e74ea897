/* SPDX-License-Identifier: BSD-3-Clause */
/* The other side: its name as typed, and a socket connected to its address. */
#ifndef UDPECHO_CLIENT_PEER_H
#define UDPECHO_CLIENT_PEER_H

#include <netdb.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "output.h"

#define PEER_NAME_MAX (NI_MAXHOST + sizeof("[]:65535"))

struct peer {
	int socket;
	int witness; /* hears who else sends to the socket's port; negative: nobody listens */
	size_t payload_limit; /* the most bytes that a datagram of its address family carries */
	char name[PEER_NAME_MAX];
	struct sockaddr_storage address;
	socklen_t address_length;
};

/**
 * Tries --source and --interface without a peer, so that an error names the option that is wrong,
 * which connect() cannot.
 */
enum status peer_try(const struct socket_options *options);

/**
 * Resolves the host and connects a socket to the first of its addresses that accepts it. Connected,
 * so that the kernel hands us its ICMP errors, and keeps the datagrams of everybody else away.
 */
enum status peer_connect(
	struct peer *peer, const char *host, uint16_t port, const struct socket_options *options);

/** Another socket, from a port of its own, to the address of PEER; or a negative errno value. */
int peer_socket(const struct peer *peer, const struct socket_options *options);

/**
 * How many datagrams came to the socket's port from others than PEER since the last call, and from
 * whom the first: a server of several addresses may answer from another than was asked. FROM is
 * written where there are any.
 */
unsigned int peer_count_others(const struct peer *peer, char from[static PEER_NAME_MAX]);

/** Joins host and port to `HOST:PORT`, or to `[HOST]:PORT` when the host is an IPv6 address. */
void peer_name(char name[static PEER_NAME_MAX], const char *host, const char *port);

/** Closes the socket. */
void peer_close(struct peer *peer);

#endif
