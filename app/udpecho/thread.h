/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread of a measurement: sends what is due, receives replies, and gives up what gets none. */
#ifndef UDPECHO_CLIENT_THREAD_H
#define UDPECHO_CLIENT_THREAD_H

#include "run.h"

/** Gives the thread its share of the flows. Call thread_close() even if it fails. */
enum status thread_open(struct engine *engine, unsigned int number);

/** Runs until all datagrams are sent, and none is waited for any more. */
void thread_run(struct thread *thread);

void thread_close(struct thread *thread);

#endif
