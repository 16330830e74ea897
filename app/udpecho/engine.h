/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends datagrams to echo servers as the options say, and keeps account of what comes back.
 *
 * With a rate each datagram has a moment at which it is due, and its latency counts from there, not
 * from when it was sent: a client or a server that stands still cannot hide it (what is known as
 * coordinated omission). With a window a datagram is due when there is room for it.
 */
#ifndef UDPECHO_CLIENT_ENGINE_H
#define UDPECHO_CLIENT_ENGINE_H

#include "run.h"

/** Resolves the hosts, and opens a socket for each flow. To be closed even where it fails. */
enum status engine_open(struct engine *engine, const struct options *options);

/** Runs to the end: the last datagram, or a signal. Says how far it is on a terminal. */
enum status engine_run(struct engine *engine);

/* What stood in the headers of replies. */
struct marks {
	int ttl_least, ttl_most; /* 0: unknown */
	uint64_t dscps;          /* one bit for each */
};

/** Those of all replies of HOST. */
struct marks engine_marks(const struct engine *engine, unsigned int host);

/** The sum over all flows of HOST, or of all hosts where it is negative. */
struct tally engine_tally(const struct engine *engine, int host);

/** Closes the sockets, and frees all. */
void engine_close(struct engine *engine);

#endif
