/* SPDX-License-Identifier: BSD-3-Clause */
/* The peer: its name as typed, and a socket connected to its address. */
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
	int witness;          /* a socket that gets what others send to our port; negative: none */
	size_t payload_limit; /* bytes that a datagram of the address family carries at most */
	char name[PEER_NAME_MAX];
	struct sockaddr_storage address;
	socklen_t address_length;
};

/**
 * Tries --source and --interface without a peer, so that the error message names the wrong option:
 * connect() would not tell.
 */
enum status peer_try(const struct socket_options *options);

/**
 * Resolves the host, and connects a socket to the first of its addresses for which connect()
 * succeeds. The socket is connected so that the kernel reports ICMP errors to us, and drops the
 * datagrams of all others.
 */
enum status peer_connect(
	struct peer *peer, const char *host, uint16_t port, const struct socket_options *options);

/** Opens one more socket to PEER, from a port of its own. The socket, or a negative errno value. */
int peer_socket(const struct peer *peer, const struct socket_options *options);

/**
 * Counts the datagrams that others than PEER sent to our port since the last call: a server with
 * several addresses may answer from another one than was asked. If there are any, FROM gets the
 * sender of the first.
 */
unsigned int peer_count_others(const struct peer *peer, char from[static PEER_NAME_MAX]);

/** Writes `HOST:PORT` to NAME, or `[HOST]:PORT` if the host is an IPv6 address. */
void peer_name(char name[static PEER_NAME_MAX], const char *host, const char *port);

/** Closes the peer's sockets. */
void peer_close(struct peer *peer);

#endif
