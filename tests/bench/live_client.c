/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The socket client of the live benchmark. With a window of 1, a closed loop: sends a datagram,
 * waits for its echo, and notes how long that took. With a wider one it keeps that many datagrams
 * on their way, and counts the echoes. The result goes to standard output, as JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND      1000000000ull
#define PATIENCE    (SECOND / 10) /* then a datagram or its echo is lost, and another is sent */
#define WINDOW_MAX  1024
#define PAYLOAD_MAX 65507 /* of an IPv4 datagram's payload */
#define SAMPLES_MAX (1u << 22)

static int handle;
static int receive_flags;   /* MSG_DONTWAIT to poll */
static useconds_t pause_us; /* between two round trips */
static uint64_t lost;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* At most COUNT echoes, and at least one unless none comes in time. */
static unsigned int receive(struct mmsghdr messages[], unsigned int count)
{
	const uint64_t end = now() + PATIENCE;

	for (;;) {
		const int got =
			recvmmsg(handle, messages, count, MSG_WAITFORONE | receive_flags, NULL);

		if (got > 0)
			return (unsigned int)got;
		if (errno != EAGAIN && errno != ECONNREFUSED)
			error(1, errno, "recvmmsg");
		if (receive_flags == 0 || now() > end)
			return 0;
	}
}

static void send_all(struct mmsghdr messages[], unsigned int count)
{
	unsigned int sent = 0;

	while (sent < count) {
		const int done = sendmmsg(handle, &messages[sent], count - sent, 0);

		if (done > 0)
			sent += (unsigned int)done;
		else if (errno != ECONNREFUSED && errno != ENOBUFS)
			error(1, errno, "sendmmsg");
	}
}

static int compare(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* Each datagram bears a number, so that an echo given up for lost is not taken for a later one. */
static void measure_round_trips(struct mmsghdr *out, struct mmsghdr *in, uint64_t end)
{
	uint32_t *samples = calloc(SAMPLES_MAX, sizeof(*samples));
	uint32_t *const number = out->msg_hdr.msg_iov->iov_base;
	const uint32_t *const answer = in->msg_hdr.msg_iov->iov_base;
	unsigned int count = 0;

	if (samples == NULL)
		error(1, errno, "samples");
	memset(samples, 0xff, SAMPLES_MAX * sizeof(*samples)); /* no page fault while it counts */
	*number = 0;
	for (uint64_t start = now(); start < end && count < SAMPLES_MAX; start = now()) {
		unsigned int got;

		if (pause_us > 0) {
			usleep(pause_us);
			start = now();
		}
		++*number;
		send_all(out, 1);
		do
			got = receive(in, 1);
		while (got == 1 && *answer != *number);
		if (got == 1)
			samples[count++] = (uint32_t)(now() - start);
		else
			lost++;
	}
	if (count == 0)
		error(1, 0, "no echo");
	qsort(samples, count, sizeof(*samples), compare);
	printf("{\"round_trips\": %u, \"lost\": %lu, \"p50\": %u, \"p99\": %u, \"p99.9\": %u}\n",
		count, lost, samples[count / 2], samples[(uint64_t)count * 99 / 100],
		samples[(uint64_t)count * 999 / 1000]);
	free(samples);
}

static void measure_rate(
	struct mmsghdr out[], struct mmsghdr in[], unsigned int window, uint64_t end)
{
	const uint64_t start = now();
	uint64_t echoes = 0, stop;

	send_all(out, window);
	do {
		unsigned int got = receive(in, window);

		echoes += got;
		if (got == 0) { /* all that was on its way is lost */
			lost += window;
			got = window;
		}
		send_all(out, got);
		stop = now();
	} while (stop < end);
	printf("{\"echoes\": %lu, \"lost\": %lu, \"echoes_per_second\": %.0f}\n", echoes, lost,
		(double)echoes * (double)SECOND / (double)(stop - start));
}

static struct mmsghdr *make_messages(unsigned int count, size_t size)
{
	struct mmsghdr *messages = calloc(count, sizeof(*messages));
	struct iovec *pieces = calloc(count, sizeof(*pieces));
	uint8_t *bytes = calloc(count, size);

	if (messages == NULL || pieces == NULL || bytes == NULL)
		error(1, errno, "messages");
	for (unsigned int i = 0; i < count; i++) {
		pieces[i] = (struct iovec){.iov_base = &bytes[i * size], .iov_len = size};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
	}
	return messages;
}

static void pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		error(1, errno, "core %d", core);
}

static void open_socket(const char *address, unsigned int port)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	const struct timeval patience = {.tv_usec = PATIENCE / 1000};

	if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		error(2, 0, "not an IPv4 address: %s", address);
	handle = socket(AF_INET, SOCK_DGRAM, 0);
	if (handle < 0 ||
		setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
		connect(handle, (const struct sockaddr *)&peer, sizeof(peer)) < 0)
		error(1, errno, "socket to %s", address);
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{"busy", no_argument, NULL, 'b'},
		{"core", required_argument, NULL, 'c'},
		{"pause", required_argument, NULL, 'u'},
		{"port", required_argument, NULL, 'p'},
		{"seconds", required_argument, NULL, 's'},
		{"size", required_argument, NULL, 'z'},
		{"window", required_argument, NULL, 'w'},
		{0},
	};
	unsigned int window = 1, size = 64, port = 7;
	struct mmsghdr *out, *in;
	double seconds = 1;
	uint64_t end;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'b':
			receive_flags = MSG_DONTWAIT;
			break;
		case 'c':
			pin(atoi(optarg));
			break;
		case 'u':
			pause_us = (useconds_t)atoi(optarg);
			break;
		case 'p':
			port = (unsigned int)atoi(optarg);
			break;
		case 's':
			seconds = atof(optarg);
			break;
		case 'z':
			size = (unsigned int)atoi(optarg);
			break;
		case 'w':
			window = (unsigned int)atoi(optarg);
			break;
		default:
			return 2;
		}
	if (optind != argc - 1 || window < 1 || window > WINDOW_MAX || size < sizeof(uint32_t) ||
		size > PAYLOAD_MAX)
		error(2, 0,
			"usage: live_client [--busy] [--core=N] [--pause=US] [--port=N] "
			"[--seconds=S] [--size=BYTES] [--window=N] ADDRESS");
	open_socket(argv[optind], port);
	out = make_messages(window, size);
	in = make_messages(window, size);
	end = now() + (uint64_t)(seconds * (double)SECOND);
	if (window == 1)
		measure_round_trips(out, in, end);
	else
		measure_rate(out, in, window, end);
	return 0;
}
