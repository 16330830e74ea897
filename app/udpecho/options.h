/* SPDX-License-Identifier: BSD-3-Clause */
/* The options, as the command line or the defaults set them. */
#ifndef UDPECHO_CLIENT_OPTIONS_H
#define UDPECHO_CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "output.h"

#define HOSTS_MAX 64
#define FLOWS_MAX 4096 /* to all hosts together; each has a socket */

/* What the program does. */
enum task {
	TASK_PIPE,   /* sends standard input as one datagram, and waits for its echo */
	TASK_PING,   /* prints a line for each reply */
	TASK_LOAD,   /* sends at a rate, whatever comes back */
	TASK_WINDOW, /* sends the next datagram when a reply has come */
	TASK_MTU,    /* finds the largest datagram that echoes in one piece */
	TASK_HELP,
	TASK_VERSION,
};

/* How sockets are set up. */
struct socket_options {
	int family;            /* AF_UNSPEC, AF_INET or AF_INET6 */
	const char *source;    /* address to send from; NULL: the kernel picks it */
	const char *interface; /* to send through; NULL: as routed */
	int dscp, ttl;         /* negative: the system's default */
	bool dont_fragment;
	struct sockaddr_storage source_address; /* if there is a source */
};

struct options {
	enum task task;
	const char *task_option; /* the option that asked for the task; NULL: none did */
	unsigned int host_count;
	const char *hosts[HOSTS_MAX];
	uint16_t port;
	int64_t timeout; /* nanoseconds, as all times here; 0: the default of the task */
	uint64_t count;  /* datagrams to each host; 0: no limit */
	int64_t duration;
	int64_t interval;
	double rate; /* datagrams a second, to all hosts together */
	unsigned int window;
	unsigned int size_least, size_most; /* bytes of payload; 0: not given */
	unsigned int flows;                 /* to each host */
	unsigned int threads;
	struct socket_options socket;
	bool kernel_times;
	bool json;
	const char *plot; /* path, or NULL */
	const char *csv;  /* path, or NULL */
	double max_loss;  /* percent; negative: no limit */
	int64_t max_p99;  /* 0: no limit */
};

#endif
