/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An echo server that does harm, and says at the end how much:
 *
 *     misbehaving PORT [KEY=EVERY[:OFFSET]] ... [address=127.0.0.1] [delay-ms=500] [header=24]
 *
 * KEY is what is done to every so many-th datagram of each client's address and port, the first
 * OFFSET of them not counted: of N datagrams (N - OFFSET) / EVERY, rounded down. A datagram suffers
 * at most one harm, the first in the order of the arguments:
 *
 *     drop       no reply
 *     duplicate  the reply twice
 *     delay      the reply after delay-ms
 *     reorder    the reply after the next one of the flow that is whole and not late; after 100 ms
 *                in which the flow brings nothing, where there is none
 *     truncate   the reply without its last byte
 *     extend     the reply with a byte more
 *     corrupt    the reply with a bit of its last byte flipped
 *     strange    the reply, and before it as many random bytes, the same in each run
 *
 * Only what comes after the first bytes, `header` of them, is cut off or flipped; a datagram that
 * has no more is spared. Port 0 is any that is free. The first line of the output is "port=N", when
 * the port is open; SIGTERM or SIGINT ends it, with a line of JSON:
 *
 *     received   is what came: echoed + dropped + unsent
 *     echoed     got a reply, harmed or not; a second reply and random bytes do not count
 *     reordered  were overtaken; those that were held back, but not overtaken, are `held`
 *     delayed    were to be late; some of them may be unsent
 *     unsent     waited still at the end, or the kernel refused to send them
 *     overrun    the kernel dropped before we could read them: nothing here is exact then
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/sock_diag.h>

#define ROOM          65536 /* for a datagram of any size, and a byte more */
#define LENGTH_MAX_V4 65507
#define LENGTH_MAX_V6 65527
#define RULES_MAX     16
#define FLOWS_MAX     65536
#define SLOTS         (2 * FLOWS_MAX) /* a power of two */
#define BATCH         64              /* datagrams between two looks at the clock and the signals */
#define BACKLOG_MAX   1000000         /* datagrams that are read after the signal */
#define SOCKET_ROOM   (64 << 20)
#define QUIET_NS      INT64_C(100000000)

enum harm { DROP, DUPLICATE, DELAY, REORDER, TRUNCATE, EXTEND, CORRUPT, STRANGE, HARMS };

static const char *const keys[HARMS] = {
	"drop", "duplicate", "delay", "reorder", "truncate", "extend", "corrupt", "strange"};
static const char *const names[HARMS] = {"dropped", "duplicated", "delayed", "reordered",
	"truncated", "extended", "corrupted", "strange"};

struct rule {
	enum harm harm;
	uint64_t every, offset;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* A reply that waits. */
struct waiting {
	TAILQ_ENTRY(waiting) next;
	union address to;
	int64_t due;
	size_t length;
	uint8_t bytes[];
};
TAILQ_HEAD(waitings, waiting);

struct flow {
	union address from;
	uint64_t count;
	struct waiting *held;
};

/* All that it was told. */
static struct rule rules[RULES_MAX];
static size_t rule_count;
static int64_t delay_ns = INT64_C(500000000);
static size_t header = 24; /* of the client's datagrams */
static union address own;

static int server;
static socklen_t address_length;
static struct flow flows[SLOTS];
static size_t flow_count;
/* Both with the one that is due first at the head, as all in it wait for the same time. */
static struct waitings delayed = TAILQ_HEAD_INITIALIZER(delayed);
static struct waitings held = TAILQ_HEAD_INITIALIZER(held);
static uint64_t done[HARMS], received, echoed, held_count, unsent;

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool reply(const uint8_t *bytes, size_t length, const union address *to)
{
	return sendto(server, bytes, length, 0, &to->any, address_length) == (ssize_t)length;
}

static void count_reply(bool sent)
{
	if (sent)
		echoed++;
	else
		unsent++;
}

static struct waiting *wait_in(struct waitings *queue, int64_t due, const uint8_t *bytes,
	size_t length, const union address *to)
{
	struct waiting *waiting = malloc(sizeof(*waiting) + length);

	if (waiting == NULL)
		error(1, errno, "a reply that waits");
	waiting->to = *to;
	waiting->due = due;
	waiting->length = length;
	memcpy(waiting->bytes, bytes, length);
	TAILQ_INSERT_TAIL(queue, waiting, next);
	return waiting;
}

/* Sends it, and it waits no longer. */
static bool release(struct waitings *queue, struct waiting *waiting)
{
	const bool sent = reply(waiting->bytes, waiting->length, &waiting->to);

	count_reply(sent);
	TAILQ_REMOVE(queue, waiting, next);
	free(waiting);
	return sent;
}

static struct flow *flow_of(const union address *from)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof(*from); i++)
		hash = (hash ^ ((const uint8_t *)from)[i]) * UINT64_C(0x100000001b3);
	for (size_t i = hash ^ hash >> 32;; i++) {
		struct flow *const flow = &flows[i % SLOTS];

		if (flow->count == 0) {
			if (++flow_count > FLOWS_MAX)
				error(1, 0, "more than %d flows", FLOWS_MAX);
			flow->from = *from;
		} else if (memcmp(&flow->from, from, sizeof(*from)) != 0) {
			continue;
		}
		return flow;
	}
}

static bool is_possible(enum harm harm, const struct flow *flow, size_t length)
{
	switch (harm) {
	case REORDER:
		return flow->held == NULL;
	case TRUNCATE:
	case CORRUPT:
		return length > header;
	case EXTEND:
		return length < (own.any.sa_family == AF_INET ? LENGTH_MAX_V4 : LENGTH_MAX_V6);
	default:
		return true;
	}
}

/* The flow's count includes this datagram. HARMS: none. */
static enum harm choose(const struct flow *flow, size_t length)
{
	for (const struct rule *rule = rules; rule < rules + rule_count; rule++)
		if (flow->count > rule->offset &&
			(flow->count - rule->offset) % rule->every == 0 &&
			is_possible(rule->harm, flow, length))
			return rule->harm;
	return HARMS;
}

/* At least as many as a header, so that they are none of the client's by accident. */
static void send_random(size_t length, const union address *to)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15); /* xorshift64 */
	static uint8_t bytes[ROOM];

	if (length < 24)
		length = 24;
	for (size_t i = 0; i < length; i += sizeof(state)) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(bytes + i, &state, sizeof(state));
	}
	done[STRANGE] += reply(bytes, length, to);
}

/* The reply was whole and in time: what was held back has been overtaken. */
static void overtake(struct flow *flow)
{
	if (flow->held != NULL && release(&held, flow->held))
		done[REORDER]++;
	flow->held = NULL;
}

/* There is room for a byte more behind the bytes. */
static void answer(struct flow *flow, uint8_t *bytes, size_t length, int64_t time)
{
	const union address *const to = &flow->from;
	const enum harm harm = choose(flow, length);
	bool sent;

	switch (harm) {
	case DROP:
		done[harm]++;
		return;
	case DELAY:
		(void)wait_in(&delayed, time + delay_ns, bytes, length, to);
		done[harm]++;
		return;
	case REORDER:
		flow->held = wait_in(&held, time + QUIET_NS, bytes, length, to);
		return;
	case TRUNCATE:
		length--;
		break;
	case EXTEND:
		bytes[length++] = '!';
		break;
	case CORRUPT:
		bytes[length - 1] ^= 1;
		break;
	case STRANGE:
		send_random(length, to);
		break;
	default:
		break;
	}
	sent = reply(bytes, length, to);
	count_reply(sent);
	if (harm == TRUNCATE || harm == EXTEND || harm == CORRUPT) {
		done[harm] += sent;
		return;
	}
	if (harm == DUPLICATE)
		done[harm] += sent && reply(bytes, length, to);
	if (sent)
		overtake(flow);
}

/* False: nothing there. */
static bool serve_one(int64_t time)
{
	static uint8_t bytes[ROOM];
	static union address from; /* what the kernel does not write stays zero */
	socklen_t size = sizeof(from);
	const ssize_t length =
		recvfrom(server, bytes, sizeof(bytes) - 1, MSG_DONTWAIT, &from.any, &size);
	struct flow *flow;

	if (length < 0) {
		if (errno != EAGAIN)
			error(1, errno, "recvfrom");
		return false;
	}
	received++;
	flow = flow_of(&from);
	flow->count++;
	if (flow->held != NULL) { /* not quiet: the last to be due now */
		TAILQ_REMOVE(&held, flow->held, next);
		TAILQ_INSERT_TAIL(&held, flow->held, next);
		flow->held->due = time + QUIET_NS;
	}
	answer(flow, bytes, (size_t)length, time);
	return true;
}

static void send_due(int64_t time)
{
	struct waiting *first;

	while ((first = TAILQ_FIRST(&delayed)) != NULL && first->due <= time)
		(void)release(&delayed, first);
	while ((first = TAILQ_FIRST(&held)) != NULL && first->due <= time) {
		flow_of(&first->to)->held = NULL;
		held_count += release(&held, first);
	}
}

static void wait_for_work(struct pollfd *handles, nfds_t count)
{
	const struct waiting *const late = TAILQ_FIRST(&delayed), *const back = TAILQ_FIRST(&held);
	int64_t due = INT64_MAX;
	struct timespec timeout = {0};

	if (late != NULL)
		due = late->due;
	if (back != NULL && back->due < due)
		due = back->due;
	if (due != INT64_MAX) {
		const int64_t rest = due - now();

		if (rest > 0)
			timeout = (struct timespec){rest / 1000000000, rest % 1000000000};
	}
	if (ppoll(handles, count, due == INT64_MAX ? NULL : &timeout, NULL) < 0)
		error(1, errno, "ppoll");
}

/* Until the signal, and then what had come before it. */
static void serve(int signals)
{
	struct pollfd handles[] = {
		{.fd = server, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

	while (handles[1].revents == 0) {
		int64_t time;

		wait_for_work(handles, 2);
		time = now();
		for (int i = 0; i < BATCH && serve_one(time); i++)
			;
		send_due(time);
	}
	for (int i = 0; i < BACKLOG_MAX && serve_one(now()); i++)
		;
}

static void give_up(struct waitings *queue)
{
	struct waiting *first;

	while ((first = TAILQ_FIRST(queue)) != NULL) {
		TAILQ_REMOVE(queue, first, next);
		free(first);
		unsent++;
	}
}

static void report(void)
{
	uint32_t memory[SK_MEMINFO_VARS];
	socklen_t size = sizeof(memory);

	/* The count that SO_RXQ_OVFL gives, with those after which no datagram came. */
	if (getsockopt(server, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0 || size < sizeof(memory))
		error(1, errno, "SO_MEMINFO");
	printf("{\"received\":%llu,\"echoed\":%llu", (unsigned long long)received,
		(unsigned long long)echoed);
	for (int i = 0; i < HARMS; i++)
		printf(",\"%s\":%llu", names[i], (unsigned long long)done[i]);
	printf(",\"held\":%llu,\"unsent\":%llu,\"overrun\":%lu}\n", (unsigned long long)held_count,
		(unsigned long long)unsent, (unsigned long)memory[SK_MEMINFO_DROPS]);
}

static void make_room(int forced, int asked)
{
	const int size = SOCKET_ROOM;

	/* What is not root gets as much as it may. */
	if (setsockopt(server, SOL_SOCKET, forced, &size, sizeof(size)) < 0)
		(void)setsockopt(server, SOL_SOCKET, asked, &size, sizeof(size));
}

static void open_server(unsigned int port)
{
	union address bound = own;
	socklen_t size = sizeof(bound);

	if (own.any.sa_family == AF_INET6) {
		own.v6.sin6_port = htons((uint16_t)port);
		address_length = sizeof(own.v6);
	} else {
		own.v4.sin_port = htons((uint16_t)port);
		address_length = sizeof(own.v4);
	}
	server = socket(own.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (server < 0)
		error(1, errno, "socket");
	make_room(SO_RCVBUFFORCE, SO_RCVBUF);
	make_room(SO_SNDBUFFORCE, SO_SNDBUF);
	if (bind(server, &own.any, address_length) < 0 ||
		getsockname(server, &bound.any, &size) < 0)
		error(1, errno, "bind port %u", port);
	printf("port=%u\n",
		ntohs(own.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port));
	(void)fflush(stdout);
}

static int open_signals(void)
{
	sigset_t set;
	int handle;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	handle = signalfd(-1, &set, SFD_CLOEXEC);
	if (handle < 0)
		error(1, errno, "signalfd");
	return handle;
}

/* A decimal number, up to the character END. */
static uint64_t number_of(const char *argument, const char *text, char end, const char **rest)
{
	char *stop;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &stop, 10);
	if (*text < '0' || *text > '9' || errno != 0 || number > UINT32_MAX ||
		(*stop != '\0' && *stop != end))
		error(2, 0, "%s: not a number", argument);
	*rest = stop;
	return number;
}

static void take_rule(const char *argument, size_t key_length, const char *value)
{
	struct rule rule = {.harm = DROP};
	const char *rest;

	while (rule.harm < HARMS && (strlen(keys[rule.harm]) != key_length ||
					    strncmp(argument, keys[rule.harm], key_length) != 0))
		rule.harm++;
	if (rule.harm == HARMS)
		error(2, 0, "%s: unknown", argument);
	rule.every = number_of(argument, value, ':', &rest);
	if (*rest == ':')
		rule.offset = number_of(argument, rest + 1, '\0', &rest);
	if (rule.every == 0 || rule_count == RULES_MAX)
		error(2, 0, "%s: every 0th, or too much", argument);
	rules[rule_count++] = rule;
}

static void take(const char *argument)
{
	const char *const equals = strchr(argument, '='), *rest;
	const size_t length = equals == NULL ? 0 : (size_t)(equals - argument);

	if (equals == NULL)
		error(2, 0, "%s: not KEY=VALUE", argument);
	if (strncmp(argument, "address=", length + 1) == 0) {
		memset(&own, 0, sizeof(own));
		own.any.sa_family = strchr(equals, ':') == NULL ? AF_INET : AF_INET6;
		if (inet_pton(own.any.sa_family, equals + 1,
			    own.any.sa_family == AF_INET ? (void *)&own.v4.sin_addr
							 : (void *)&own.v6.sin6_addr) != 1)
			error(2, 0, "%s: not an address", argument);
	} else if (strncmp(argument, "delay-ms=", length + 1) == 0) {
		delay_ns = (int64_t)number_of(argument, equals + 1, '\0', &rest) * 1000000;
	} else if (strncmp(argument, "header=", length + 1) == 0) {
		header = number_of(argument, equals + 1, '\0', &rest);
	} else {
		take_rule(argument, length, equals + 1);
	}
}

int main(int argc, char *argv[])
{
	const char *rest;
	uint64_t port;
	int signals;

	if (argc < 2)
		error(2, 0,
			"usage: misbehaving PORT [KEY=EVERY[:OFFSET]] ... [address=ADDRESS] "
			"[delay-ms=N] [header=BYTES]");
	own.v4 = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	port = number_of(argv[1], argv[1], '\0', &rest);
	if (port > UINT16_MAX)
		error(2, 0, "%s: not a port", argv[1]);
	for (int i = 2; i < argc; i++)
		take(argv[i]);
	signals = open_signals();
	open_server((unsigned int)port);
	serve(signals);
	give_up(&delayed);
	give_up(&held);
	report();
	(void)close(signals);
	(void)close(server);
	return fflush(stdout) == 0 ? 0 : 1;
}
