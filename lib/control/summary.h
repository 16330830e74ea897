/* SPDX-License-Identifier: BSD-3-Clause */
/* What a log begins with, so that it says by itself what the appliance ran on. */
#ifndef UDPECHO_SUMMARY_H
#define UDPECHO_SUMMARY_H

#include "runtime/runtime.h"
#include "watch/watch.h"

/** Logs the devices and the workers of RUNTIME, and what WATCH expects to go wrong with them. */
void summary_log(const struct runtime *runtime, struct watch *watch);

#endif
