/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of an appliance, from the lowest to the highest: each knows only parts below it. Only
 * who starts, reloads and stops the appliance includes this.
 */
#ifndef UDPECHO_APPLIANCE_PARTS_H
#define UDPECHO_APPLIANCE_PARTS_H

#include <udpecho/control/appliance.h>

#include "capture/file.h"
#include "monitor/http.h"
#include "monitor/view.h"
#include "runtime/runtime.h"
#include "watch/watch.h"

struct appliance {
	struct explain explain;
	struct runtime runtime;
	struct watch watch;
	struct captures captures;
	struct reload_counts reloads;
	struct view view;
	struct http http;
};

#endif
