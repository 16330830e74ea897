/* SPDX-License-Identifier: BSD-3-Clause */
/* What shim.c gives the functions in shim_calls.c, which stand in for others of the same name. */
#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdbool.h>

#define EXPORT __attribute__((visibility("default")))

/** Counts a call of NAME, which CALLER made. True: it is the one that is to fail. */
bool shim_is_due(const char *name, void *caller);

/** The function of that NAME that the program would have called without this. */
void *shim_next(const char *name);

#endif
