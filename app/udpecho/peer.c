/* SPDX-License-Identifier: BSD-3-Clause */
#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cancel.h"
#include "input.h"

/* IPv4's 16-bit total length counts its header of 20 bytes too (RFC 791); IPv6's does not. */
#define IPV4_PAYLOAD_MAX (PAYLOAD_MAX - 20)

/* Returns a connected socket or a negative errno value. */
static int address_connect(const struct addrinfo *address)
{
	const int on = 1;
	int error;
	int fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
		address->ai_protocol);

	if (fd < 0)
		return -errno;
	/*
	 * Linux keeps the passing ICMP errors, such as an unreachable host, from a UDP socket that
	 * does not ask for them: ip(7), IP_RECVERR. Where it is missing they end as timeouts.
	 */
	if (address->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));

	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static enum status addresses_connect(struct peer *peer, const struct addrinfo *addresses)
{
	int fd = -EADDRNOTAVAIL;

	for (const struct addrinfo *address = addresses; address != NULL;
		address = address->ai_next) {
		fd = address_connect(address);
		if (fd < 0)
			continue;
		peer->socket = fd;
		peer->payload_limit =
			address->ai_family == AF_INET6 ? PAYLOAD_MAX : IPV4_PAYLOAD_MAX;
		return STATUS_DONE;
	}
	return report_failure("connect udp %s: %s", peer->name, report_errno(-fd));
}

void peer_name(char name[static PEER_NAME_MAX], const char *host, const char *port)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	/* Nothing is cut off: what resolves is not longer than NI_MAXHOST. */
	(void)snprintf(name, PEER_NAME_MAX, "%s%s%s:%s", is_ipv6 ? "[" : "", host,
		is_ipv6 ? "]" : "", port);
}

enum status peer_connect(struct peer *peer, const char *host, uint16_t port)
{
	const struct addrinfo wanted = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
	char service[sizeof("65535")];
	struct addrinfo *addresses;
	enum status status;
	int error;

	(void)snprintf(service, sizeof(service), "%u", (unsigned int)port);

	cancel_at_once("resolve the host name");
	error = getaddrinfo(host, service, &wanted, &addresses);
	cancel_in_order();
	if (error != 0)
		return report_failure("resolve %s: %s", host, report_gai(error));

	peer_name(peer->name, host, service);
	status = addresses_connect(peer, addresses);
	freeaddrinfo(addresses);
	return status;
}

void peer_close(struct peer *peer)
{
	close(peer->socket);
	peer->socket = -1;
}
