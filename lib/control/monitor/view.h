/* SPDX-License-Identifier: BSD-3-Clause */
/* What monitors read, some of them in threads of their own. They own nothing of it. */
#ifndef UDPECHO_VIEW_H
#define UDPECHO_VIEW_H

#include "watch/watch.h"

/* How often udpechod reloaded its configuration, or refused to. */
struct reload_counts {
	uint64_t done, refused;
};

struct view {
	const struct runtime *runtime;
	const struct watch *watch; /* of that runtime */
	const struct reload_counts *reloads;
};

#endif
