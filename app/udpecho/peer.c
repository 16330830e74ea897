/* SPDX-License-Identifier: BSD-3-Clause */
#include "peer.h"

#include <errno.h>
#include <net/if.h>
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

static int number_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

static int interface_set(int fd, const struct socket_options *options)
{
	if (options->interface == NULL)
		return 0;
	/* SO_BINDTODEVICE takes an empty name as "any interface", and cuts a long one off. */
	if (if_nametoindex(options->interface) == 0)
		return -ENODEV;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, options->interface,
		    (socklen_t)strlen(options->interface)) != 0)
		return -errno;
	return 0;
}

static int source_bind(int fd, const struct socket_options *options)
{
	const struct sockaddr *source = (const struct sockaddr *)&options->source_address;

	if (options->source == NULL)
		return 0;
	return bind(fd, source, sizeof(options->source_address)) == 0 ? 0 : -errno;
}

static int options_set(int fd, int family, const struct socket_options *options)
{
	const bool v6 = family == AF_INET6;
	const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int error = 0;

	if (options->dscp >= 0)
		error = number_set(fd, level, v6 ? IPV6_TCLASS : IP_TOS, options->dscp << 2);
	if (error == 0 && options->ttl >= 0)
		error = number_set(fd, level, v6 ? IPV6_UNICAST_HOPS : IP_TTL, options->ttl);
	if (error == 0 && options->dont_fragment)
		error = number_set(fd, level, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER,
			IP_PMTUDISC_PROBE); /* IPv6's has the same value */
	if (error == 0)
		error = interface_set(fd, options);
	if (error == 0)
		error = source_bind(fd, options);
	return error;
}

/* Sets these two as options_set() does, while no peer can be blamed for an error. */
static enum status socket_try(int fd, const struct socket_options *options)
{
	int error = interface_set(fd, options);

	if (error != 0)
		return report_failure("--interface=%s: %s", options->interface,
			error == -ENODEV ? "no such interface" : report_errno(-error));
	error = source_bind(fd, options);
	if (error != 0)
		return report_failure("--source=%s: %s", options->source,
			error == -EADDRNOTAVAIL ? "not an address of this machine"
						: report_errno(-error));
	return STATUS_DONE;
}

enum status peer_try(const struct socket_options *options)
{
	const int family = options->source == NULL ? AF_INET : options->source_address.ss_family;
	const int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	enum status status;

	if (fd < 0)
		return report_failure("open a socket: %s", report_errno(errno));
	status = socket_try(fd, options);
	close(fd);
	return status;
}

int peer_socket(const struct peer *peer, const struct socket_options *options)
{
	const int family = peer->address.ss_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	/*
	 * Linux reports transient ICMP errors, such as an unreachable host, only to UDP sockets
	 * with IP_RECVERR: ip(7). Without it, the datagrams time out.
	 */
	if (family == AF_INET6)
		(void)number_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	else
		(void)number_set(fd, IPPROTO_IP, IP_RECVERR, 1);
	error = options_set(fd, family, options);
	if (error == 0 &&
		connect(fd, (const struct sockaddr *)&peer->address, peer->address_length) != 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/*
 * A connected socket gets the datagrams of its peer only. The witness, bound to the same port but
 * not connected, gets all others: where both match, the kernel prefers the connected socket.
 * SO_REUSEADDR is set only now that the port is ours: set earlier, two flows could get one port.
 */
static int witness_open(int socket_there)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof(own);
	int fd;

	if (getsockname(socket_there, (struct sockaddr *)&own, &length) != 0)
		return -1;
	fd = socket(own.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)number_set(socket_there, SOL_SOCKET, SO_REUSEADDR, 1);
	if (number_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0 &&
		bind(fd, (const struct sockaddr *)&own, length) == 0)
		return fd;
	close(fd);
	return -1;
}

unsigned int peer_count_others(const struct peer *peer, char from[static PEER_NAME_MAX])
{
	char host[NI_MAXHOST], port[sizeof("65535")];
	unsigned int count = 0;

	for (;;) {
		struct sockaddr_storage sender;
		socklen_t length = sizeof(sender);
		char byte;

		if (peer->witness < 0 || recvfrom(peer->witness, &byte, sizeof(byte), 0,
						 (struct sockaddr *)&sender, &length) < 0)
			return count;
		if (count++ == 0 &&
			getnameinfo((struct sockaddr *)&sender, length, host, sizeof(host), port,
				sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
			peer_name(from, host, port);
	}
}

/* RFC 4291 2.5.5.2: ::ffff:192.0.2.1 is IPv4 on the wire, and takes IPv4's socket options. */
static void unmap(struct peer *peer)
{
	const struct sockaddr_in6 mapped = *(const struct sockaddr_in6 *)&peer->address;
	struct sockaddr_in *address = (struct sockaddr_in *)&peer->address;

	if (mapped.sin6_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&mapped.sin6_addr))
		return;
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = mapped.sin6_port};
	memcpy(&address->sin_addr, &mapped.sin6_addr.s6_addr[12], sizeof(address->sin_addr));
	peer->address_length = sizeof(*address);
}

static enum status addresses_connect(
	struct peer *peer, const struct addrinfo *addresses, const struct socket_options *options)
{
	int fd = 0;

	for (const struct addrinfo *address = addresses; address != NULL;
		address = address->ai_next) {
		memcpy(&peer->address, address->ai_addr, address->ai_addrlen);
		peer->address_length = address->ai_addrlen;
		unmap(peer);
		if (options->source != NULL &&
			peer->address.ss_family != options->source_address.ss_family)
			continue;
		fd = peer_socket(peer, options);
		if (fd < 0)
			continue;
		peer->socket = fd;
		peer->witness = witness_open(fd);
		peer->payload_limit =
			peer->address.ss_family == AF_INET6 ? PAYLOAD_MAX : IPV4_PAYLOAD_MAX;
		return STATUS_DONE;
	}
	if (fd == 0)
		return report_usage("--source=%s: an IPv%d address, and %s has none",
			options->source, options->source_address.ss_family == AF_INET6 ? 6 : 4,
			peer->name);
	return report_failure("connect udp %s: %s", peer->name, report_errno(-fd));
}

void peer_name(char name[static PEER_NAME_MAX], const char *host, const char *port)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	/* Nothing is cut off: a name that resolves is not longer than NI_MAXHOST. */
	(void)snprintf(name, PEER_NAME_MAX, "%s%s%s:%s", is_ipv6 ? "[" : "", host,
		is_ipv6 ? "]" : "", port);
}

enum status peer_connect(
	struct peer *peer, const char *host, uint16_t port, const struct socket_options *options)
{
	const struct addrinfo wanted = {.ai_family = options->family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICSERV};
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
	status = addresses_connect(peer, addresses, options);
	freeaddrinfo(addresses);
	return status;
}

void peer_close(struct peer *peer)
{
	close(peer->socket);
	peer->socket = -1;
	if (peer->witness >= 0)
		close(peer->witness);
	peer->witness = -1;
}
