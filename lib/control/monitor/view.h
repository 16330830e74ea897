/* SPDX-License-Identifier: BSD-3-Clause */
/* What monitors see: they read it, some of them from threads of their own, and own nothing of it.
 */
#ifndef UDPECHO_VIEW_H
#define UDPECHO_VIEW_H

#include "watch/watch.h"

/* How often the configuration was read again. */
struct reload_counts {
	uint64_t done, refused;
};

struct view {
	const struct runtime *runtime;
	const struct watch *watch; /* of that runtime */
	const struct reload_counts *reloads;
};

#endif
