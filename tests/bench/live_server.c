/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What udpechod is measured against: echo servers on the kernel's sockets. With a batch of 1,
 * recvfrom and sendto; with a larger one, recvmmsg and sendmmsg. Runs until a signal ends it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BATCH_MAX 1024
#define ROOM      65536 /* for a datagram of any size */

static uint8_t bytes[BATCH_MAX][ROOM];
static struct sockaddr_in clients[BATCH_MAX];

static void serve_singly(int handle)
{
	for (;;) {
		struct sockaddr *const client = (struct sockaddr *)&clients[0];
		socklen_t length = sizeof(clients[0]);
		const ssize_t got = recvfrom(handle, bytes[0], ROOM, 0, client, &length);

		if (got < 0)
			error(1, errno, "recvfrom");
		/* Like UDP itself: what does not go out is lost. */
		(void)sendto(handle, bytes[0], (size_t)got, 0, client, length);
	}
}

static void serve_in_batches(int handle, unsigned int batch)
{
	static struct mmsghdr messages[BATCH_MAX];
	static struct iovec pieces[BATCH_MAX];

	for (unsigned int i = 0; i < batch; i++) {
		pieces[i].iov_base = bytes[i];
		messages[i].msg_hdr = (struct msghdr){.msg_name = &clients[i],
			.msg_namelen = sizeof(clients[i]),
			.msg_iov = &pieces[i],
			.msg_iovlen = 1};
	}
	for (;;) {
		int got;

		for (unsigned int i = 0; i < batch; i++)
			pieces[i].iov_len = ROOM;
		got = recvmmsg(handle, messages, batch, MSG_WAITFORONE, NULL);
		if (got < 0)
			error(1, errno, "recvmmsg");
		for (int i = 0; i < got; i++)
			pieces[i].iov_len = messages[i].msg_len;
		(void)sendmmsg(handle, messages, (unsigned int)got, 0);
	}
}

static void pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		error(1, errno, "core %d", core);
}

static int open_socket(const char *address, unsigned int port)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int handle;

	if (inet_pton(AF_INET, address, &own.sin_addr) != 1)
		error(2, 0, "not an IPv4 address: %s", address);
	handle = socket(AF_INET, SOCK_DGRAM, 0);
	if (handle < 0 || bind(handle, (const struct sockaddr *)&own, sizeof(own)) < 0)
		error(1, errno, "socket on %s port %u", address, port);
	return handle;
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{"batch", required_argument, NULL, 'b'},
		{"core", required_argument, NULL, 'c'},
		{"port", required_argument, NULL, 'p'},
		{0},
	};
	unsigned int batch = 1, port = 7;
	int option, handle;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'b':
			batch = (unsigned int)atoi(optarg);
			break;
		case 'c':
			pin(atoi(optarg));
			break;
		case 'p':
			port = (unsigned int)atoi(optarg);
			break;
		default:
			return 2;
		}
	if (optind != argc - 1 || batch < 1 || batch > BATCH_MAX)
		error(2, 0, "usage: live_server [--batch=N] [--core=N] [--port=N] ADDRESS");
	handle = open_socket(argv[optind], port);
	if (batch == 1)
		serve_singly(handle);
	else
		serve_in_batches(handle, batch);
}
