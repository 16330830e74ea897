/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends datagrams to echo servers as the options say, and keeps the account of what comes back.
 *
 * With a rate, each datagram is due at a certain time, and its latency counts from then, not from
 * when it was sent: so a stalled client or server shows in the latencies (they are free of what is
 * known as coordinated omission). With a window, a datagram is due when there is room for it.
 */
#ifndef UDPECHO_CLIENT_ENGINE_H
#define UDPECHO_CLIENT_ENGINE_H

#include "run.h"

/** Resolves the hosts, and opens a socket for each flow. Call engine_close() even if it fails. */
enum status engine_open(struct engine *engine, const struct options *options);

/** Runs until the last datagram, or a signal. Shows its progress on a terminal. */
enum status engine_run(struct engine *engine);

/* TTLs and DSCPs of replies. */
struct marks {
	int ttl_least, ttl_most; /* 0: unknown */
	uint64_t dscps;          /* one bit for each */
};

/** The TTLs and DSCPs of all replies of HOST. */
struct marks engine_marks(const struct engine *engine, unsigned int host);

/** The sum over all flows of HOST; negative: of all hosts. */
struct tally engine_tally(const struct engine *engine, int host);

/** Closes the sockets, and frees all memory. */
void engine_close(struct engine *engine);

#endif
