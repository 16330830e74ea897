/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells whether JSON is complete. jansson leaves out what it has no memory for, and its functions
 * accept the NULL of another that had no memory: it is enough to ask once, at the end.
 */
#ifndef UDPECHO_JSON_MEMORY_H
#define UDPECHO_JSON_MEMORY_H

#include <stdbool.h>

/** Starts to watch whether jansson gets the memory that it asks for in this thread. */
void json_memory_watch(void);

/** Whether it has got all of that since. */
bool json_memory_was_enough(void);

#endif
