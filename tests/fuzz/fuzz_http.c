/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as what a client says to the HTTP server: libmicrohttpd and our answers, over a
 * connection on the loopback. Nothing, or HTTP, comes back; the server lives on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../lib/control/monitor/http.h"
#include "../../lib/control/monitor/status.h"
#include "fuzz.h"

#define REPLY_MAX (1024 * 1024)
#define PATIENCE  60 /* seconds */

static struct config config;
static struct runtime runtime; /* as it is before it has a device or a worker */
static struct watch watch;
static struct reload_counts reloads;
static const struct view view = {&runtime, &watch, &reloads};
static struct http http;

/* A port that nobody listens on. */
static unsigned int free_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(bind(listener, (const struct sockaddr *)&address, length) == 0 &&
			getsockname(listener, (struct sockaddr *)&address, &length) == 0,
		"no port");
	close(listener);
	return ntohs(address.sin_port);
}

/* A connection that leaves nothing behind when it is closed: there are thousands a second. */
static int connect_to_server(void)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)config.http.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct timeval patience = {.tv_sec = PATIENCE};
	const struct linger reset = {.l_onoff = 1};
	const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(client >= 0, "no socket");
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	require(connect(client, (const struct sockaddr *)&address, sizeof(address)) == 0,
		"the server takes no connection");
	return client;
}

/* At the first input, as no thread lives through AFL++'s fork. */
static void start(void)
{
	unsigned int count;
	struct error error;

	config_init(&config);
	runtime.config = &config;
	runtime.variant = plain_variants(&count);
	for (int tries = 0; tries < 100 && http.daemon == NULL; tries++) {
		config.http = (struct config_endpoint){
			ip_address_of_ipv4(BE32(INADDR_LOOPBACK)), free_port()};
		(void)http_start(&http, &view, &error);
	}
	require(http.daemon != NULL, "no server");
}

/* All that comes until the server closes; SIZE is how much. */
static void read_all(int client, char *reply, size_t *size)
{
	ssize_t got;

	for (*size = 0; *size < REPLY_MAX; *size += (size_t)got) {
		do /* libFuzzer's clock is an alarm */
			got = recv(client, reply + *size, REPLY_MAX - *size, 0);
		while (got < 0 && errno == EINTR);
		require(got >= 0 || errno == ECONNRESET, "the server neither answers nor closes");
		if (got <= 0)
			return;
	}
	require(false, "the server has no end");
}

static void check(const char *reply, size_t size)
{
	static const char get[] = "HTTP/1.1 200 OK\r\n";
	const char *body = memmem(reply, size, "\r\n\r\n", 4);

	if (size == 0)
		return;
	require(size > 12 && memcmp(reply, "HTTP/1.", 7) == 0 && reply[8] == ' ',
		"this is no HTTP");
	require(body != NULL, "a head without an end");
	body += 4;
	if (memcmp(reply, get, sizeof(get) - 1) == 0 &&
		memmem(reply, (size_t)(body - reply), "text/html", 9) != NULL &&
		(size_t)(reply + size - body) >= status_page_size)
		require(memcmp(body, status_page, status_page_size) == 0, "this is not the page");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char reply[REPLY_MAX];
	/* Half a line keeps libmicrohttpd waiting for the rest, even where none can come any more.
	 */
	static const char last_line[] = "\r\nX\r\n";
	uint8_t *bytes;
	int client;
	size_t sent = 0, got;

	if (http.daemon == NULL)
		start();
	client = connect_to_server();
	bytes = copy_of(data, size, 0);
	while (sent < size) { /* it may close before it has read everything */
		const ssize_t some = send(client, bytes + sent, size - sent, MSG_NOSIGNAL);

		if (some < 0)
			break;
		sent += (size_t)some;
	}
	(void)!send(client, last_line, sizeof(last_line) - 1, MSG_NOSIGNAL);
	shutdown(client, SHUT_WR);
	read_all(client, reply, &got);
	check(reply, got);
	free(bytes);
	close(client);
	return 0;
}
