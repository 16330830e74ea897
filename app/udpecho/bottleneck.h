/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether this machine kept up with a run. */
#ifndef UDPECHO_CLIENT_BOTTLENECK_H
#define UDPECHO_CLIENT_BOTTLENECK_H

#include <stdbool.h>
#include <stddef.h>

#include "run.h"

/** Whether the results show this machine's limits rather than the network's; WHY says why. */
bool bottleneck_find(const struct engine *engine, char *why, size_t size);

#endif
