/* SPDX-License-Identifier: BSD-3-Clause */
/* What this process may do and have: its capabilities, and how much memory it may lock. */
#ifndef UDPECHO_PROCESS_H
#define UDPECHO_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
	bool is_known;         /* all below */
	uint64_t capabilities; /* in effect: PRIVILEGE()s */
	bool is_foreign;       /* in a user namespace of its own, where some mean nothing */
	uint64_t descriptors;  /* files that it may have open */
	uint64_t memlock;      /* bytes that it may lock; UINT64_MAX: no limit */
};

/** Reads it of this process, from /proc below ROOT: "" but in a test. */
void process_read(struct process *process, const char *root);

/** Those of the capabilities WANTED, PRIVILEGE()s, that the process does not have. */
uint64_t process_lacks(const struct process *process, uint64_t wanted);

/** Raises the limit of locked memory as far as this process may. */
void process_raise_memlock(void);

#endif
