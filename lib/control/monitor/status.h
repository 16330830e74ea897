/* SPDX-License-Identifier: BSD-3-Clause */
/* The status page, and what it shows: status.html asks for that once a second. */
#ifndef UDPECHO_STATUS_H
#define UDPECHO_STATUS_H

#include <stddef.h>
#include <stdio.h>

#include "monitor/view.h"

/* The page: status.html */
extern const unsigned char status_page[];
extern const size_t status_page_size;

/**
 * Writes the report so far as JSON, with more members: queues, health, the whole residence
 * histogram, recent drops. Any thread may call it. Returns false if there is no memory for all of
 * it.
 */
bool status_write(const struct view *view, FILE *stream);

#endif
