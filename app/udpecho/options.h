/* SPDX-License-Identifier: BSD-3-Clause */
/* What the command line asks for, and what a run goes by. */
#ifndef UDPECHO_CLIENT_OPTIONS_H
#define UDPECHO_CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "output.h"

#define HOSTS_MAX 64
#define FLOWS_MAX 4096 /* of all hosts together: a socket each */

/* What the command line asks for. */
enum task {
	TASK_PIPE,   /* standard input, and its one echo */
	TASK_PING,   /* a line for each reply */
	TASK_LOAD,   /* so many a second, whatever comes back */
	TASK_WINDOW, /* the next when one has come back */
	TASK_MTU,    /* the largest that echoes in one piece */
	TASK_HELP,
	TASK_VERSION,
};

/* How sockets are to be. */
struct socket_options {
	int family;            /* AF_UNSPEC, AF_INET or AF_INET6 */
	const char *source;    /* address to send from; NULL: the kernel picks it */
	const char *interface; /* NULL: as routed */
	int dscp, ttl;         /* negative: the system's */
	bool dont_fragment;
	struct sockaddr_storage source_address; /* where there is a source */
};

struct options {
	enum task task;
	const char *task_option; /* that asked for it; NULL: none did */
	unsigned int host_count;
	const char *hosts[HOSTS_MAX];
	uint16_t port;
	int64_t timeout; /* nanoseconds, as all times here; 0: that of the task */
	uint64_t count;  /* of each host; 0: no limit */
	int64_t duration;
	int64_t interval;
	double rate; /* a second, all hosts together */
	unsigned int window;
	unsigned int size_least, size_most; /* bytes of payload; on the command line 0: not said */
	unsigned int flows;                 /* of each host */
	unsigned int threads;
	struct socket_options socket;
	bool kernel_times;
	bool json;
	const char *plot; /* path, or NULL */
	const char *csv;  /* path, or NULL */
	double max_loss;  /* percent; negative: no gate */
	int64_t max_p99;  /* 0: no gate */
};

#endif
