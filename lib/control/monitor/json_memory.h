/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether JSON is whole. jansson leaves out what it has no memory for, and its functions take what
 * another had no memory for as an argument: one look at the end is enough to know.
 */
#ifndef UDPECHO_JSON_MEMORY_H
#define UDPECHO_JSON_MEMORY_H

#include <stdbool.h>

/** From here on it is remembered when this thread's jansson gets no memory. */
void json_memory_watch(void);

/** Whether it has got all that it asked for since. */
bool json_memory_was_enough(void);

#endif
