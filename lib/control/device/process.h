/* SPDX-License-Identifier: BSD-3-Clause */
/* The rights and limits of this process: capabilities, open files, locked memory. */
#ifndef UDPECHO_PROCESS_H
#define UDPECHO_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
	bool is_known;         /* otherwise nothing below is */
	uint64_t capabilities; /* in effect: PRIVILEGE()s */
	bool is_foreign;       /* in a user namespace of its own, where some have no effect */
	uint64_t descriptors;  /* files that it may have open */
	uint64_t memlock;      /* bytes that it may lock; UINT64_MAX: no limit */
};

/** Fills PROCESS for this process from ROOT/proc; only tests have a ROOT other than "". */
void process_read(struct process *process, const char *root);

/** Returns which of the capabilities WANTED, PRIVILEGE()s, the process does not have. */
uint64_t process_lacks(const struct process *process, uint64_t wanted);

/** Raises the limit of locked memory as far as this process may. */
void process_raise_memlock(void);

#endif
