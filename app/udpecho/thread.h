/* SPDX-License-Identifier: BSD-3-Clause */
/* One thread of a measurement: it sends what is due, receives what comes, gives up what does not.
 */
#ifndef UDPECHO_CLIENT_THREAD_H
#define UDPECHO_CLIENT_THREAD_H

#include "run.h"

/** Takes its share of the engine's flows. To be closed even where it fails. */
enum status thread_open(struct engine *engine, unsigned int number);

/** Runs to the end: nothing is sent or waited for any more. */
void thread_run(struct thread *thread);

void thread_close(struct thread *thread);

#endif
