/* SPDX-License-Identifier: BSD-3-Clause */
/* Begins the log with what the appliance runs on. */
#ifndef UDPECHO_SUMMARY_H
#define UDPECHO_SUMMARY_H

#include "runtime/runtime.h"
#include "watch/watch.h"

/** Logs the devices and the workers of RUNTIME, and which faults WATCH expects of them. */
void summary_log(const struct runtime *runtime, struct watch *watch);

#endif
